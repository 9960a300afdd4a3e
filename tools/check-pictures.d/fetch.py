"""Asks the running demo for every picture it offers: each operation with image/svg+xml, for an agent, a supervisor and in
both languages."""
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


paths = json.loads(ask("/openapi.json"))["paths"]
offering = [p for p, item in paths.items() if SVG in item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})]
for username in ("agent-a", "yang.xiaoling", "supervisor-a"):
    token = login(username)
    for path in offering:
        for language in ("en", "zh-CN"):
            picture = ask(path, Authorization=f"Bearer {token}", Accept=SVG, Accept_Language=language)
            name = f"demo-{path.rsplit('/', 1)[1]}-{username.replace('.', '-')}.{language}.svg"
            (folder / name).write_text(picture, encoding="utf-8")
print(f"check-pictures: {len(offering)} operations of the demo offer a picture")
