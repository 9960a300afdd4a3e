"""Reads the boxes that the page measured, and says which texts do not fit."""
import html
import json
import re
import sys

LEAST = 12.0
# Browsers round glyph positions; half a pixel is not seen.
SLACK = 0.5

page = open(sys.argv[1], encoding="utf-8").read()
inside = re.search(r'<pre id="found"[^>]*>(.*?)</pre>', page, re.S)
pictures = json.loads(html.unescape(inside.group(1)))
faults, texts = [], 0
for picture in pictures:
    left, top, right, bottom = picture["box"]
    boxes = picture["texts"]
    if not boxes:
        faults.append(f"{picture['name']}: no text")
    texts += len(boxes)
    for one in boxes:
        l, t, r, b = one["box"]
        if l < left - SLACK or t < top - SLACK or r > right + SLACK or b > bottom + SLACK:
            faults.append(f"{picture['name']}: {one['text']!r} is cut off: {one['box']} in {picture['box']}")
        if one["size"] < LEAST:
            faults.append(f"{picture['name']}: {one['text']!r} has letters of {one['size']}")
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            (l, t, r, b), (l2, t2, r2, b2) = one["box"], other["box"]
            if min(r, r2) - max(l, l2) > SLACK and min(b, b2) - max(t, t2) > SLACK:
                faults.append(f"{picture['name']}: {other['text']!r} and {one['text']!r} overlap")
for fault in faults:
    print(f"check-pictures: {fault}", file=sys.stderr)
print(f"check-pictures: {len(pictures)} pictures, {texts} texts, {len(faults)} faults")
sys.exit(1 if faults or not pictures else 0)
