"""The pages: the map, the answer in words, and pages that help when something is wrong."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from quyhoach.apps.portal import provider
from quyhoach.apps.portal.document import Document, compose
from quyhoach.apps.portal.facts import Words, upper_first
from quyhoach.apps.portal.plans import plan_links
from quyhoach.apps.portal.question import Asked, as_number, date_of, place_of, read_asked
from quyhoach.apps.portal.tileset import layer_zooms
from quyhoach.domain.errors import QuyHoachError, ReleaseError, UsageError
from quyhoach.standard.messages import message
from quyhoach.standard.text import format_date, language

if TYPE_CHECKING:
    from quyhoach.release.opened import Release


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page says around its content."""

    words: Words
    province: str
    illustrative: bool
    credit: str  # what the map shows, in its corner
    title: str
    description: str
    address: str  # of this page, without host
    other_language: str  # address of the same page in the other language
    public_url: str

    @property
    def lang(self) -> str:
        return self.words.lang


def map_page(request: HttpRequest) -> HttpResponse:
    """`GET /`: the map. Its title and preview tell the answer of the place in the address."""
    asked = read_asked(request.GET)
    words = _words(asked.lang)
    try:
        lookup = provider.current()
        answer = _answer(asked, words) if asked.has_place else None
    except ReleaseError as error:
        return _trouble(request, HTTPStatus.SERVICE_UNAVAILABLE, error)
    except UsageError:
        answer = None  # the page itself tells what is wrong; the link may still hold a good view
    province = lookup.release.manifest["province"]
    frame = _frame(request, words, province, answer)
    context = {
        "frame": frame,
        "page_data": _page_data(words, lookup.release),
        "text_address": _address("/tra-cuu", asked),
        "messages_module": f"src/generated/messages.{words.lang}.json",
        "has_answer": answer is not None,
        "today": format_date(words.today, words.lang),
        "plans": plan_links(lookup, provider.standard(), words.lang, on=provider.today().isoformat()),
        "t": _Sayings(words.lang),
    }
    return _fresh(render(request, "portal/map.html", context))


def text_page(request: HttpRequest) -> HttpResponse:
    """`GET /tra-cuu`: the same answers in words, for every browser and for paper."""
    asked = read_asked(request.GET)
    words = _words(asked.lang)
    fault: QuyHoachError | None = None
    answer: Document | None = None
    results: list[dict[str, Any]] | None = None
    try:
        province = provider.current().release.manifest["province"]
        if asked.has_place:
            answer = _answer(asked, words)
        elif asked.q:
            results = _search(asked)
    except UsageError as error:
        fault = error
    except ReleaseError as error:
        return _trouble(request, HTTPStatus.SERVICE_UNAVAILABLE, error)
    context = {
        "frame": _frame(request, words, province, answer, "page-title-text"),
        "asked": asked,
        "on": asked.on or provider.today().isoformat(),
        "answer": answer,
        "colours": _colours(),
        "results": results,
        "heading": _heading(words, asked, results),
        "fault": message(fault.code, words.lang, **fault.params) if fault else "",
        "map_address": _address("/", asked),
        "t": _Sayings(words.lang),
    }
    status = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return _fresh(render(request, "portal/text.html", context, status=status))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _trouble(request, HTTPStatus.BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _trouble(request, HTTPStatus.NOT_FOUND)


def server_fault(request: HttpRequest) -> HttpResponse:
    return _trouble(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _trouble(request: HttpRequest, status: HTTPStatus, error: QuyHoachError | None = None) -> HttpResponse:
    """A page that helps on. It needs no release: it must work when nothing else does."""
    lang = language(request.GET.get("lang", ""))
    context = {
        "lang": lang,
        "title": message(f"page-error-{status.value}", lang),
        "help": message(f"page-error-{status.value}-help", lang),
        "told": message(error.code, lang, **error.params) if error else "",
        "with_forms": status.value < 500,
        "t": _Sayings(lang),
    }
    response = render(request, "portal/trouble.html", context, status=status.value)
    patch_cache_control(response, no_store=True)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "30"
    return response


class _Sayings:
    """The message catalogue for templates: `{{ t.ui_search }}`."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def __getitem__(self, name: str) -> str:
        return message(name.replace("_", "-"), self._lang)


def _words(lang: str) -> Words:
    standard = provider.standard()
    return Words(
        lang,
        provider.today(),
        kinds={code: kind.name[lang] for code, kind in standard.plan_kinds.items()},
        themes={code: theme.name[lang] for code, theme in standard.themes.items()},
    )


def _answer(asked: Asked, words: Words) -> Document:
    lookup = provider.current()
    lon, lat = place_of(asked, lookup.extent)
    body = lookup.at(lon, lat, on=as_number(date_of(asked, words.today)), lang=words.lang)
    return compose(json.loads(body), words)


def _search(asked: Asked) -> list[dict[str, Any]]:
    """Search results with the address of each one's answer; what has no place keeps none."""
    rows = provider.current().search(asked.q, lang=asked.lang, limit=30)
    results = []
    for row in rows:
        place = {"lon": row["lon"], "lat": row["lat"]} if row.get("lon") is not None else None
        kind = message(f"ui-kind-{row.get('kind')}", asked.lang)
        detail = [text for text in (kind if not kind.startswith("ui-kind") else "", row.get("detail")) if text]
        results.append(
            {
                "title": row.get("title") or row.get("name") or "",
                "detail": " · ".join(str(text) for text in detail),
                "address": "/tra-cuu?" + urlencode(place | _kept(asked)) if place else "",
            }
        )
    return results


def _heading(words: Words, asked: Asked, results: list[dict[str, Any]] | None) -> str:
    if results is None:
        return words("ui-intro-title")
    return words("page-results" if results else "page-results-none", query=asked.q)


def _kept(asked: Asked) -> dict[str, str]:
    """What every link of a page carries on: the date and the language."""
    kept = {"on": asked.on} if asked.on else {}
    return kept | ({"lang": asked.lang} if asked.lang != "vi" else {})


def _address(path: str, asked: Asked) -> str:
    place = {"lon": asked.lon, "lat": asked.lat} if asked.has_place else {}
    query = urlencode(place | _kept(asked))
    return f"{path}?{query}" if query else path


def _frame(
    request: HttpRequest,
    words: Words,
    province: dict[str, Any],
    answer: Document | None,
    title_code: str = "page-title-map",
) -> Frame:
    lang = words.lang
    name = str(province["name"].get(lang) or province["name"]["vi"])
    where = words("page-province", province=name)
    if answer is not None:
        title = words("page-title-answer", headline=answer.headline, place=answer.place)
        description = f"{answer.headline}. {answer.place}. {answer.as_of}."
    else:
        title = words(title_code, province=where)
        description = words("page-description")
    query = request.GET.copy()
    query["lang"] = "en" if lang == "vi" else "vi"
    if lang == "en":
        del query["lang"]
    other = query.urlencode()
    return Frame(
        words=words,
        province=where,
        illustrative=bool(province.get("illustrative")),
        credit=words("ui-credit-illustrative" if province.get("illustrative") else "ui-credit", province=where),
        title=upper_first(title),
        description=description,
        address=request.get_full_path(),
        other_language=f"{request.path}?{other}" if other else request.path,
        public_url=settings.PUBLIC_URL,
    )


def _page_data(words: Words, release: "Release") -> dict[str, Any]:
    """What the map page's script starts from (web/src/page.ts)."""
    province = release.manifest["province"]
    return {
        "lang": words.lang,
        "today": provider.today().isoformat(),
        "release": release.id,
        "layers": layer_zooms(release.folder / "tiles" / "plans.pmtiles"),
        "tiles": f"/tiles/{release.id}/plans/{{z}}/{{x}}/{{y}}.mvt",
        "legend": f"/api/v1/legend?lang={words.lang}",
        "province": province["name"].get(words.lang) or province["name"]["vi"],
        "extent": list(province["extent"]),
        "illustrative": bool(province.get("illustrative")),
        "kinds": {
            code: {
                "name": kind.name[words.lang],
                "rank": kind.rank,
                "zoom_min": kind.zoom_min,
                "zoom_max": kind.zoom_max,
            }
            for code, kind in provider.standard().plan_kinds.items()
        },
        "themes": dict(words.themes),
    }


def _colours() -> dict[str, str]:
    """Map colour by land-use function code, for the samples beside lots."""
    return {use.code: use.map_colour for use in provider.standard().land_use.values()}


def _fresh(response: HttpResponse) -> HttpResponse:
    """A page may be kept, but is asked for again each time: a release may have been switched."""
    patch_cache_control(response, no_cache=True)
    return response
