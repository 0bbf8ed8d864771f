"""The engine: a Socket.IO server that knows no feature.

`Engine(settings, {"/": Namespace(events=Gateway({...}), connect=…, disconnect=…, hub=hub)})` is the whole of it;
`examples/echo.py` is an application in thirty lines.
"""

from batiyoun.realtime.bus import Bus, channel_of
from batiyoun.realtime.engine import Engine, EngineStats
from batiyoun.realtime.engineio import EngineIO, first_serving
from batiyoun.realtime.gateway import Gateway, Handler, Reply, UnknownEvent
from batiyoun.realtime.hub import Hub
from batiyoun.realtime.namespace import ConnectRefused, Namespace
from batiyoun.realtime.recovery import Recovery
from batiyoun.realtime.session import Consumer, Session
from batiyoun.realtime.settings import Allowance, EngineSettings, Limits, Rate
from batiyoun.realtime.socket import NotConnected, Socket, TooManyAcks
from batiyoun.realtime.wheel import Timer, Wheel

__all__ = [
    "Allowance",
    "Bus",
    "ConnectRefused",
    "Consumer",
    "Engine",
    "EngineIO",
    "EngineSettings",
    "EngineStats",
    "Gateway",
    "Handler",
    "Hub",
    "Limits",
    "Namespace",
    "NotConnected",
    "Rate",
    "Recovery",
    "Reply",
    "Session",
    "Socket",
    "Timer",
    "TooManyAcks",
    "UnknownEvent",
    "Wheel",
    "channel_of",
    "first_serving",
]
