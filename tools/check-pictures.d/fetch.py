"""Asks the running demo for every picture it offers: each operation with image/svg+xml, every value of its `picture` parameter,
for an agent, a supervisor and a team, in both languages. A demo that offers none is a fault."""
import json
import os
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request as u

log, service, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
SVG = "image/svg+xml"


def address():
    """Where the service listens: it takes a free port and says so."""
    for _ in range(600):
        os.kill(service, 0)
        found = re.search(r"http://127\.0\.0\.1:\d+", open(log, encoding="utf-8").read())
        if found:
            return found.group(0)
        time.sleep(0.1)
    sys.exit("check-pictures: the demo did not start")


base = address()


def ask(path, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    with u.urlopen(u.Request(base + path, headers=headers), timeout=30) as answer:
        return answer.read().decode("utf-8")


def login(username):
    body = json.dumps({"username": username, "password": "prospector-demo"}).encode()
    request = u.Request(base + "/v1/auth/login", body, {"Content-Type": "application/json"})
    with u.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]


def offered():
    """Path, and the pictures one may choose from: [None] where there is one only."""
    for path, item in json.loads(ask("/openapi.json"))["paths"].items():
        operation = item.get("get", {})
        if SVG in operation.get("responses", {}).get("200", {}).get("content", {}):
            chosen = [p["schema"].get("enum", []) for p in operation["parameters"] if p.get("name") == "picture"]
            yield path, (chosen or [[None]])[0]


offering = list(offered())
if not offering:
    sys.exit("check-pictures: no operation of the demo offers a picture")
pictures = 0
for username, of_team in (("agent-a", False), ("yang.xiaoling", False), ("supervisor-a", False), ("supervisor-a", True)):
    token = login(username)
    bearer = f"Bearer {token}"
    team = json.loads(ask("/v1/me", Authorization=bearer))["team_id"]
    for path, choices in offering:
        for choice in choices:
            query = [f"team_id={team}", "include_subteams=true"] if of_team else []
            query += [f"picture={choice}"] if choice else []
            for language in ("en", "zh-CN"):
                picture = ask(f"{path}?{'&'.join(query)}", Authorization=bearer, Accept=SVG, Accept_Language=language)
                name = "-".join(filter(None, [path.removesuffix("/picture").rsplit("/", 1)[1], choice, "team" if of_team else username.replace(".", "-")]))
                (folder / f"demo-{name}.{language}.svg").write_text(picture, encoding="utf-8")
                pictures += 1
print(f"check-pictures: {len(offering)} operations of the demo offer a picture, {pictures} fetched")
