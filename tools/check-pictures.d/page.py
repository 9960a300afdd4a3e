"""One HTML page with every picture of a folder at 360 pixels, and a script that writes the boxes of all texts into it."""
import pathlib
import sys

MEASURE = """
const found = [...document.querySelectorAll('figure')].map(figure => {
  const svg = figure.querySelector('svg');
  const box = of => { const b = of.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  return {
    name: figure.id,
    box: box(svg),
    texts: [...svg.querySelectorAll('text')].filter(t => t.textContent !== '').map(t => (
      {text: t.textContent, box: box(t), size: parseFloat(getComputedStyle(t).fontSize)})),
  };
});
document.getElementById('found').textContent = JSON.stringify(found);
"""

print("<!doctype html><meta charset=utf-8><style>body,figure{margin:0}svg{display:block;width:360px;height:auto}</style>")
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.svg")):
    print(f'<figure id="{path.stem}">{path.read_text(encoding="utf-8")}</figure>')
print(f'<pre id="found" hidden></pre><script>{MEASURE}</script>')
