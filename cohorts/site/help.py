"""Help in the users' words: docs/help/<language>/<name>.md, a small safe part of Markdown."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views import View

LANGUAGES = ("zh-hans", "en")


def folder(language: str) -> Path:
    return Path(settings.BASE_DIR) / "docs" / "help" / language


def name_of(path: str) -> str:
    """The help page of a page: its first path segment; "home" for the front page."""
    return path.strip("/").partition("/")[0] or "home"


@cache
def names() -> frozenset[str]:
    """The pages that have words in both languages."""
    found = [{file.stem for file in folder(language).glob("*.md")} for language in LANGUAGES]
    return frozenset(set.intersection(*found))


def to_html(text: str) -> SafeString:
    """``# title``, ``## heading``, ``- item``, ``**strong**`` and paragraphs; everything else is shown as it is written."""
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(line.strip())) for line in block.splitlines()]
        items = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
        prose = " ".join(line for line in lines if not line.startswith("- "))
        if prose.startswith("# "):
            parts.append(f"<h2>{prose[2:]}</h2>")
        elif prose.startswith("## "):
            parts.append(f"<h3>{prose[3:]}</h3>")
        elif prose:
            parts.append(f"<p>{prose}</p>")
        if items:
            parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
    return mark_safe("".join(parts))  # noqa: S308 -- every line was escaped above


class Help(View):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        if name not in names():
            raise Http404
        language = "en" if (get_language() or "").startswith("en") else "zh-hans"
        text = (folder(language) / f"{name}.md").read_text(encoding="utf-8")
        title, _newline, body = text.partition("\n")
        target = request.GET.get("from", "")
        back = target if url_has_allowed_host_and_scheme(target, None) else "/"
        context = {"title": title.removeprefix("# "), "body": to_html(body), "back": back}
        return render(request, "cohorts/site/help.html", context)
