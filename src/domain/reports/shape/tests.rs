use super::*;
use crate::domain::method::stage::Stage;

fn counts(a: i64, b: i64, c: i64) -> BoardCounts {
    BoardCounts { stage_25: a, stage_50: b, stage_90: c }
}

#[test]
fn the_methods_fixtures_have_the_methods_shapes() {
    let fixtures = [
        (Shape::Ideal, &[(4, 2, 1), (7, 5, 3), (3, 3, 1)][..]),
        (Shape::Depleting, &[(1, 2, 4), (0, 3, 3)]),
        (Shape::Starting, &[(5, 0, 0), (4, 1, 0), (8, 1, 1)]),
        (Shape::Empty, &[(0, 0, 0)]),
        (Shape::Stalled, &[(2, 6, 1), (0, 4, 1)]),
        (Shape::Mixed, &[(3, 3, 3), (4, 3, 0), (4, 1, 2), (3, 0, 3)]),
    ];
    for (shape, triples) in fixtures {
        for (a, b, c) in triples {
            assert_eq!(Shape::of(&counts(*a, *b, *c)), shape, "({a},{b},{c})");
        }
    }
}

/// The rules of the method, each alone, before any order among them.
fn holding(a: i64, b: i64, c: i64) -> Vec<Shape> {
    let n = a + b + c;
    let rules = [
        (Shape::Empty, n == 0),
        (Shape::Depleting, c > a && c >= b),
        (Shape::Stalled, b > a && b > c),
        (
            Shape::Starting,
            n > 0
                && a > b
                && a > c
                && f64::from(i32::try_from(b + c).unwrap()) / f64::from(i32::try_from(n).unwrap()) <= 0.25,
        ),
        (Shape::Ideal, a >= b && b >= c && c >= 1 && a > c),
    ];
    rules.into_iter().filter(|(_, holds)| *holds).map(|(shape, _)| shape).collect()
}

#[test]
fn every_triple_has_exactly_one_shape_and_it_is_the_first_that_holds() {
    for a in 0..=30 {
        for b in 0..=30 {
            for c in 0..=30 {
                let first = holding(a, b, c).first().copied().unwrap_or(Shape::Mixed);
                let reading = read(&counts(a, b, c), Experience::Veteran);
                assert_eq!(reading.shape, first, "({a},{b},{c})");
                assert_eq!(reading.nearest.is_some(), first == Shape::Mixed, "({a},{b},{c})");
                assert_eq!(reading.confidence == Confidence::Low, a + b + c < 4, "({a},{b},{c})");
                assert!(!reading.remedies.is_empty());
            }
        }
    }
}

#[test]
fn a_mixed_board_names_the_nearest_shape() {
    let nearest = [
        // (3,3,3) and (3,0,3) lie as far from (4,2,1)/7 as from (1,2,4)/7: the first of the tie.
        ((3, 3, 3), Shape::Ideal),
        ((4, 3, 0), Shape::Ideal),
        ((4, 1, 2), Shape::Ideal),
        ((3, 0, 3), Shape::Ideal),
        ((3, 3, 0), Shape::Ideal),
        ((2, 0, 1), Shape::Starting),
        ((5, 0, 2), Shape::Starting),
    ];
    for ((a, b, c), shape) in nearest {
        assert_eq!(Shape::nearest(&counts(a, b, c)), Some(shape), "({a},{b},{c})");
        assert_eq!(Shape::of(&counts(a, b, c)), Shape::Mixed, "({a},{b},{c})");
    }
    for (model, shape) in [
        ((4, 2, 1), Shape::Ideal),
        ((1, 2, 4), Shape::Depleting),
        ((8, 1, 1), Shape::Starting),
        ((2, 6, 1), Shape::Stalled),
    ] {
        assert_eq!(Shape::nearest(&counts(model.0, model.1, model.2)), Some(shape));
    }
    assert_eq!(Shape::nearest(&counts(0, 0, 0)), None);
}

#[test]
fn a_beginner_is_accompanied_and_a_veteran_changes_habits() {
    assert_eq!(Experience::of(179, 180), Experience::Beginner);
    assert_eq!(Experience::of(180, 180), Experience::Veteran);
    for (board, cause) in [(counts(5, 0, 0), Cause::Beginner), (counts(0, 0, 0), Cause::NobodyYet)] {
        let beginner = read(&board, Experience::Beginner);
        assert_eq!((beginner.cause, beginner.remedies[0]), (cause, Remedy::JointVisits));
        let veteran = read(&board, Experience::Veteran);
        assert_eq!((veteran.cause, veteran.remedies[0]), (Cause::NotRefilled, Remedy::ChangeHabits));
    }
}

#[test]
fn a_team_is_a_beginner_while_all_of_it_are() {
    use Experience::{Beginner, Veteran};
    assert_eq!(Experience::of_team([Beginner, Beginner]), Beginner);
    assert_eq!(Experience::of_team([Beginner, Veteran]), Veteran);
    assert_eq!(Experience::of_team([]), Veteran, "nobody");
}

#[test]
fn the_verified_board_counts_each_pursuit_where_the_rules_put_it() {
    let placed = |entered, verified, claimed| (Placed { entered, verified, claimed }, 1);
    let boards = Boards::of([
        placed(Stage::Stage50, Stage::Stage25, false),
        placed(Stage::Stage25, Stage::Opportunity, false),
        placed(Stage::Stage90, Stage::Stage90, true),
        placed(Stage::FirstAppointment, Stage::FirstAppointment, false),
        placed(Stage::Stage25, Stage::Opportunity, true),
    ]);
    assert_eq!(boards.entered, counts(2, 1, 1));
    assert_eq!(boards.verified, counts(1, 0, 1));
    assert_eq!((boards.n_claimed, boards.n_misplaced), (1, 3));
}
