"""A feed leads to the public web, or to the one host that was named."""

from collections.abc import Callable, Sequence
from ipaddress import ip_address

import httpx
import pytest

from sub_agents.news_analyst.reach import Guard, NotPublic, is_public, resolved

ADDRESSES = {
    "public.example": ["93.184.215.14"],
    "other.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.15"],
    "half.example": ["93.184.215.14", "10.0.0.1"],
    "intranet.example": ["10.0.0.5"],
    "10.0.0.5": ["10.0.0.5"],
    "127.0.0.1": ["127.0.0.1"],
    "::1": ["::1"],
    "localhost": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def look_up(host: str, _port: int) -> Sequence[str]:
    if host not in ADDRESSES:
        raise OSError("no such host")
    return ADDRESSES[host]


def web(redirects: dict[str, str], asked: list[str]) -> Callable[[httpx.Request], httpx.Response]:
    """A web of hosts that redirect; it keeps where it was asked, and as which host."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.host} as {request.headers['Host']}")
        to = redirects.get(request.headers["Host"])
        return httpx.Response(302, headers={"Location": to}, content=b"x" * 9) if to else httpx.Response(200, text="ok")

    return answer


async def fetched(named: str, redirects: dict[str, str], **guarded: bool) -> list[str]:
    asked: list[str] = []
    guard = Guard(named, httpx.MockTransport(web(redirects, asked)), resolve=look_up, **guarded)
    async with httpx.AsyncClient(transport=guard, follow_redirects=True) as client:
        assert (await client.get(named)).text == "ok"
    return asked


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/admin",
        "http://localhost:6379/",
        "http://[::1]/",
        "http://10.0.0.5/",
        "http://half.example/",
        "http://metadata.example/latest",
        "http://intranet.example/",
        "//127.0.0.1/",
    ],
)
async def test_a_redirect_of_a_public_host_never_leads_to_a_private_one(to: str) -> None:
    with pytest.raises(NotPublic):
        await fetched("http://public.example/feed", {"public.example": to})


async def test_a_public_redirect_is_followed_to_the_address_that_was_checked() -> None:
    asked = await fetched("https://public.example/feed", {"public.example": "https://other.example/feed"})
    assert asked == ["93.184.215.14 as public.example", "2606:2800:21f:cb07:6820:80da:af6b:8b2c as other.example"]


async def test_a_private_host_that_was_named_is_asked_and_stays_the_only_one() -> None:
    assert await fetched("http://intranet.example:8080/feed", {}) == ["10.0.0.5 as intranet.example:8080"]
    for to in ("http://intranet.example:6379/", "http://10.0.0.5/", "http://localhost:8080/"):
        with pytest.raises(NotPublic):
            await fetched("http://intranet.example:8080/feed", {"intranet.example:8080": to})
    secure = {"intranet.example:8080": "https://intranet.example/feed"}
    assert len(await fetched("http://intranet.example:8080/feed", secure)) == 2


async def test_a_private_host_is_not_reached_again_through_a_public_one() -> None:
    around = {"intranet.example": "http://public.example/", "public.example": "http://intranet.example/other"}
    with pytest.raises(NotPublic):
        await fetched("http://intranet.example/feed", around)


async def test_a_name_that_was_public_is_not_followed_to_a_private_address() -> None:
    with pytest.raises(NotPublic):
        await fetched("http://intranet.example/feed", {}, private=False)


async def test_only_the_web_is_asked() -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await fetched("http://public.example/", {"public.example": "ftp://public.example/"})
    with pytest.raises(httpx.ConnectError, match="no host"):
        await fetched("http://unknown.example/", {})


async def test_the_next_address_is_tried_when_one_cannot_be_reached() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if ":" in request.url.host:
            raise httpx.ConnectError("no IPv6 here")
        return httpx.Response(200, text=f"{request.url.host} {request.extensions['sni_hostname']}")

    guard = Guard("https://other.example/", httpx.MockTransport(answer), resolve=look_up)
    async with httpx.AsyncClient(transport=guard) as client:
        assert (await client.get("https://other.example/")).text == "93.184.215.15 other.example"


async def test_credentials_stay_with_the_host_they_are_for() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Authorization"))
        first = len(sent) == 1
        return httpx.Response(302, headers={"Location": "https://other.example/"}) if first else httpx.Response(200)

    guard = Guard("https://ada:secret@public.example/", httpx.MockTransport(answer), resolve=look_up)
    async with httpx.AsyncClient(transport=guard, follow_redirects=True) as client:
        await client.get("https://ada:secret@public.example/")
    assert sent[0] and sent[1] is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:db8::1",
        "100::1",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808", "::ffff:8.8.8.8"],
)
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0"])
async def test_an_address_in_disguise_is_looked_up_before_it_is_checked(host: str) -> None:
    assert not any(is_public(ip_address(found)) for found in await resolved(host, 80))


async def test_a_proxy_is_asked_but_not_for_what_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "127.0.0.1:1")
    with pytest.raises(httpx.ConnectError):  # nobody is there, and it was asked
        await fetched("http://unknown.example/", {})
    asked: list[str] = []
    guard = Guard("http://public.example/", httpx.MockTransport(web({}, asked)), resolve=look_up)
    async with httpx.AsyncClient(transport=guard) as client:
        with pytest.raises(NotPublic):
            await client.get("http://10.0.0.5/")
    assert asked == []
