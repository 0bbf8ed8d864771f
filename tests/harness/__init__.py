"""What tests of the whole app share: the real server as a process, people with accounts, and a browser."""
