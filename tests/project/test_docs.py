"""Every example of the README and the pages runs, and the docs build without a warning."""

import json
import re
import subprocess
import sys
import zlib
from functools import partial
from inspect import ismodule
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest

import hypercomplex as hc

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run_in_order_and_print_what_they_say(page):
    wrong = []
    names = {}
    text, *recipes = page.read_text().split("\n### " if page.name == "cookbook.md" else "\0")
    run(page, text, names, wrong)
    for recipe in recipes:  # each by itself, after the lines above all
        run(page, recipe, dict(names), wrong)
    assert wrong == []


def run(page, text, names, wrong):
    """Run the examples of a text, and note what they print otherwise than they say."""
    for example in EXAMPLE.findall(text):
        names["print"] = partial(compared, wrong, example.splitlines(), f"<{page.name}>")
        exec(compile(example, f"<{page.name}>", "exec"), names)


def compared(wrong, lines, file, *values, **_):
    """Note what an example prints if the comment of its line quotes something else."""
    frame = sys._getframe(1)
    line = lines[frame.f_lineno - 1] if frame.f_code.co_filename == file else ""
    comment, printed = line.partition("  # ")[2], " ".join(map(str, values))
    if comment and quotes(comment, printed) is False:
        wrong.append((comment, printed))


def quotes(comment, printed):
    """Whether a comment shows what is printed, or begins with it and says more; or is prose."""
    if re.match(r"[a-z]+\b", comment) and comment.split()[0] != (printed.split() or [""])[0]:
        return None
    start, cut, _ = comment.partition("…")
    begins = bool(cut) and printed.startswith(start.strip())
    return begins or printed == comment or comment.startswith(f"{printed}: ")


def test_comments_of_examples_are_compared():
    assert quotes("1.5", "1.5")
    assert quotes("48: 12 of each", "48")
    assert quotes("`op` is refused: …", "`op` is refused: why")
    assert quotes("horizon 2.4°", "horizon 2.4°")
    assert quotes("the table", "Cl(2,0)") is None
    for comment, printed in (("1.5", "1.4"), ("horizon 2°", "horizon 3°"), ("Law(", "")):
        assert quotes(comment, printed) is False


def test_messages_are_those_that_are_raised():
    page, names, said = ROOT / "docs/pages/errors.md", {}, []
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), re.M | re.S):
        if language == "python":
            names["print"] = said.append
            exec(compile(text, f"<{page.name}>", "exec"), names)
        else:
            assert said.pop() == text.strip()
    assert said == []


def test_there_are_examples_in_readme_and_start_page():
    for page in (ROOT / "README.md", ROOT / "docs/pages/index.md"):
        assert len(EXAMPLE.findall(page.read_text())) >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_fence_is_closed(page):
    fences = re.findall(r"^```(.*)$", page.read_text(), re.MULTILINE)
    assert len(fences) % 2 == 0
    assert not any(fences[1::2]), "a closing fence names no language"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        if not target.startswith("http"):
            other = page.parent / path if path else page
            assert other.exists(), target
            made = not anchor or anchor.startswith("hypercomplex.")  # by the reference, from code
            assert made or anchor in anchors(other), target


def anchors(page):
    """Of the headings of a page, as the site names them."""
    for heading in re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE):
        words = re.sub(r"\]\(.*?\)|[^\w\s-]", "", heading).encode("ascii", "ignore").decode()
        yield re.sub(r"[-\s]+", "-", words.strip().lower())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages, built."""
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    command += ["-f", str(ROOT / "docs/mkdocs.yml"), "-d", str(built)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return built


def test_the_site_has_what_is_made_from_the_code(site):
    verdicts = (site / "verdicts.html").read_text()
    assert "<!-- supported -->" not in verdicts
    for name in ("cumsum", "mm", "logcumsumexp"):
        assert f"<code>{name}</code>" in verdicts


def test_formulas_need_no_script(site):
    pages = [page.read_text() for page in site.rglob("*.html")]
    assert not any('class="arithmatex"' in page for page in pages)
    assert sum(page.count("<math ") for page in pages) > 400


def test_a_site_on_disk_can_be_searched(site):
    assert (site / "search/search_index.js").read_text().startswith("var __index = ")
    assert 'src="assets/iframe-worker.js"' in (site / "index.html").read_text()
    outside = r'(?:src|href)="(https?:)?//[^"]*"[^>]*(?:script|stylesheet)'
    assert not any(re.search(outside, page.read_text()) for page in site.rglob("*.html"))


def test_notebooks_were_run(site):
    pages = sorted(site.glob("*.ipynb"))
    assert len(pages) == 10
    for page in pages:
        cells = json.loads(page.read_text())["cells"]
        assert sum(each["cell_type"] == "code" for each in cells) > 5
        assert f'href="{page.name}"' in page.with_suffix(".html").read_text()
    recording = (site / "imu.ipynb").read_text()
    assert "horizon 2.4°, heading 1.4°" in recording
    assert "image/png" in recording


def test_pages_show_what_they_draw(site):
    for page in site.glob("*.html"):
        text = page.read_text()
        assert "<!-- drawn" not in text
        for picture in re.findall(r'<img[^>]*src="([^"]+)"', text):
            assert (site / picture).stat().st_size > 1000, picture


def test_releases_lie_side_by_side(tmp_path):
    versions = load("docs/hooks/versions.py")
    for name in ("0.9.1", "0.10.0", "other"):
        (tmp_path / name).mkdir()
    versions.on_post_build(config=SimpleNamespace(site_dir=str(tmp_path / "other")))
    assert not (tmp_path / "versions.json").exists()
    versions.on_post_build(config=SimpleNamespace(site_dir=str(tmp_path / "0.9.1")))
    listed = json.loads((tmp_path / "versions.json").read_text())
    assert [each["version"] for each in listed] == ["0.10.0", "0.9.1"]
    assert "url=0.10.0/index.html" in (tmp_path / "index.html").read_text()


def test_a_formula_that_nothing_reads_stops_the_build():
    formulas = load("docs/hooks/formulas.py")
    marked = r'<span class="arithmatex">\({}\)</span>'
    page = SimpleNamespace(file=SimpleNamespace(src_path="page.md"))
    shown = formulas.on_page_content(marked.format(r"\arg\max_q |q|"), page=page)
    assert "<math" in shown
    assert "\\arg" not in shown
    with pytest.raises(formulas.PluginError, match=r"page.md: \\nonsense has no MathML"):
        formulas.on_page_content(marked.format(r"\nonsense q"), page=page)


def test_a_dollar_without_a_partner_stops_the_build():
    formulas = load("docs/hooks/formulas.py")
    html = '<p><code>$HOME</code> <span class="arithmatex">\\(q\\)</span></p><p>a {} b</p>'
    text = "`$HOME` $q$\n\n```sh\necho $HOME\n```\na {} b"
    file = SimpleNamespace(src_path="page.md", content_string=text.format("two"))
    page = SimpleNamespace(file=file)
    assert "<math" in formulas.on_page_content(html.format("two"), page=page)
    file.content_string = text.format("$r")
    with pytest.raises(formulas.PluginError, match=r"page.md, line 6: a \$ without a partner: \$r"):
        formulas.on_page_content(html.format("$r"), page=page)
    file.content_string = "::: hypercomplex.nn"
    heading = '<h3 id="hypercomplex.nn.Linear">Linear</h3>'
    with pytest.raises(formulas.PluginError, match=r"page.md, hypercomplex.nn.Linear: a \$"):
        formulas.on_page_content(heading + html.format("$r"), page=page)
    with pytest.raises(formulas.PluginError, match=r"a \$ inside a formula: q \$ r"):
        formulas.on_page_content(html.replace("(q", "(q $ r"), page=page)


def test_the_house_is_drawn_with_all_its_rooms():
    drawn = (ROOT / "docs/pages/architecture.svg").read_text()
    rooms = {path.parent.name for path in (ROOT / "hypercomplex").glob("*/__init__.py")}
    assert {room for room in rooms if f"{room}/" not in drawn} == set()


def load(path):
    """The names of a module that is in no package."""
    return SimpleNamespace(**run_path(str(ROOT / path)))


def test_names_lead_to_the_reference_and_words_of_signatures_to_their_meaning(site):
    table = (site / "layers.html").read_text()
    assert 'href="api/nn/affine.html#hypercomplex.nn.linear.Linear"' in table
    layer = (site / "api/nn/affine.html").read_text()
    assert "hc.nn.Linear" in layer
    assert 'href="../reading.html#hypercomplex.functional.arguments.Count"' in layer
    assert "a positive integer" in (site / "api/reading.html").read_text()


def test_the_reference_has_what_packages_offer_and_no_more():
    reference = load("docs/hooks/reference.py")
    known = reference.known()
    assert known["hypercomplex.nn.Linear"] == "hypercomplex.nn.linear.Linear"
    assert known["hypercomplex.nn.init.polar_"] == "hypercomplex.nn.init.polar_"
    assert "multiplied" in sys.modules["hypercomplex.functional.matmul"].__all__
    assert not any(name.endswith(".multiplied") for name in known)
    page = SimpleNamespace(file=SimpleNamespace(src_path="layers.md"))
    html = "<code>{}</code>"
    for name in ("hc.nn.Linear(3, 5)", "Linear"):
        shown = reference.on_page_content(html.format(name), page=page)
        assert shown.startswith('<autoref identifier="hypercomplex.nn.linear.Linear"')
    for name in ("nn.Linear", "linear", "weight"):  # torch's, and arguments
        assert reference.on_page_content(html.format(name), page=page) == html.format(name)
    page.file.src_path = "from-clifford-and-kingdon.md"  # which has an `Algebra` of its own
    assert reference.on_page_content(html.format("Algebra"), page=page) == html.format("Algebra")


def test_every_public_name_has_its_place_in_the_reference(site):
    inventory = zlib.decompress((site / "objects.inv").read_bytes().split(b"\n", 4)[4]).decode()
    known = {line.split(" ")[0].rpartition(".")[2] for line in inventory.splitlines()}
    for package in (
        hc,
        hc.nn,
        hc.functional,
        hc.rotations,
        hc.linalg,
        hc.fft,
        hc.geometric,
        hc.geometric.projective,
        hc.geometric.conformal,
        hc.compat.speechbrain,
        hc.compat.layouts,
        hc.state,
        hc.testing,
    ):
        modules = {name for name in package.__all__ if ismodule(getattr(package, name))}
        named = {name for name in package.__all__ if name.isupper()}
        assert {*package.__all__} - modules - named - known == set(), package.__name__
