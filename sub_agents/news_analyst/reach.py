"""Where a feed may be fetched from: the public web, and the one host that the person named, wherever that is.

Always holds: each hop, the first one too, is looked up once, all addresses of its host are checked, and the connection
is made to one of those, so that a name which is looked up again cannot lead elsewhere. A host that is not public is
reached only where the person named it and only before any public host was asked: no redirect of a public host leads to
a private one. A redirect is taken without its body.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpx

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, the best first, for a port."""

NOT_KEPT = httpx.Limits(max_keepalive_connections=0)
"""Connections are made to addresses: one that is kept could serve another host there, whose certificate nobody saw."""
_PORTS = {"http": 80, "https": 443}
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 as a network without it reaches it (NAT64)."""


class NotPublic(Exception):
    """A feed leads where it must not; `str()` is the few words why."""


class Guard(httpx.AsyncBaseTransport):
    """The way to one feed and to what it redirects to, for one fetch.

    Attributes:
        begins_public: Whether the host that was named is public; None until it was asked.
    """

    def __init__(
        self, named: str, direct: httpx.AsyncBaseTransport, *, private: bool = True, resolve: Resolve | None = None
    ) -> None:
        """`direct` connects to addresses; without `private` the named host, known as a public one, has to be that."""
        self.begins_public: bool | None = None
        self._named = httpx.URL(named)
        self._direct = direct
        self._private = private
        self._resolve = resolve or resolved
        self._through: list[httpx.AsyncBaseTransport] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in _PORTS:
            raise httpx.UnsupportedProtocol(f"{url.scheme} is not for feeds")
        if (url.port or 0) > 65535:
            raise httpx.InvalidURL(f"there is no port {url.port}")
        proxy = _proxy(url)
        addresses = await self._addresses(url, needed=proxy is None)
        self._check(url, addresses)
        if proxy:
            response = await self._by(proxy).handle_async_request(request)
        else:
            response = await self._connect(request, addresses)
        return await _without_body(response) if response.has_redirect_location else response

    async def aclose(self) -> None:
        """Closes what was opened here; `direct` is its owner's."""
        for transport in self._through:
            await transport.aclose()

    async def _addresses(self, url: httpx.URL, *, needed: bool) -> Sequence[Address]:
        """All addresses of a host; a proxy may know a host that has none here."""
        try:
            found = await self._resolve(url.raw_host.decode("ascii").strip("[]"), url.port or _PORTS[url.scheme])
            return [ip_address(each) for each in found]
        except (OSError, ValueError) as error:
            if needed:
                raise httpx.ConnectError(f"there is no host {url.host}") from error
            return []

    def _check(self, url: httpx.URL, addresses: Sequence[Address]) -> None:
        public = all(map(is_public, addresses))
        if not public and not (self._private and self.begins_public is not True and _same_host(url, self._named)):
            raise NotPublic(f"it leads to {url.host}, which is not on the public web")
        self.begins_public = public if self.begins_public is None else self.begins_public
        self._private = self._private and not public

    async def _connect(self, request: httpx.Request, addresses: Sequence[Address]) -> httpx.Response:
        failed: httpx.TransportError = httpx.ConnectError(f"there is no host {request.url.host}")
        for address in addresses:
            try:
                return await self._direct.handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed

    def _by(self, proxy: str) -> httpx.AsyncBaseTransport:
        try:
            transport = httpx.AsyncHTTPTransport(proxy=proxy)
        except (ImportError, ValueError) as error:
            raise httpx.ProxyError("the proxy of the environment cannot be used") from error
        self._through.append(transport)
        return transport


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and so is every IPv4 address that is written into it."""
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            return is_public(IPv4Address(address.packed[-4:]))
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address.is_site_local or not all(is_public(each) for each in inner if each):
            return False
        if address.ipv4_mapped:
            return True
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def resolved(host: str, port: int) -> Sequence[str]:
    """What the system says. Raises OSError when there is no such host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _same_host(url: httpx.URL, named: httpx.URL) -> bool:
    """Whether it is the host and port that was named, or that host's usual port for https."""
    ports = (named.port or _PORTS.get(named.scheme), _PORTS["https"] if url.scheme == "https" else None)
    return url.raw_host == named.raw_host and (url.port or _PORTS[url.scheme]) in ports


def _proxy(url: httpx.URL) -> str | None:
    """The proxy that the environment names for an address."""
    if proxy_bypass(url.host):
        return None
    found = getproxies()
    proxy = found.get(url.scheme) or found.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _to(address: Address, request: httpx.Request) -> httpx.Request:
    """The request, sent to an address; certificate and `Host` stay those of the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


async def _without_body(response: httpx.Response) -> httpx.Response:
    await response.aclose()
    return httpx.Response(response.status_code, headers={"Location": response.headers["Location"]})
