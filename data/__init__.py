"""The shipped samples: jokes, stocks, news, and the prices of models, as JSON; read by `settings.DATA`.

In a checkout the user's own database, log and input history are beside them, and git does not see those.
"""
