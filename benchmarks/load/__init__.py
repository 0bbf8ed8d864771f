"""The load generator: Socket.IO v5 over WebSocket, framed by hand on picows, in processes of its own.

An efficient client is part of an honest benchmark: a slow one would measure itself. Every received frame is looked at
and counted, every acknowledgement is checked, and a run whose deliveries do not add up has no result.
"""
