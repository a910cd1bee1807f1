"""The sandbox's providers against the vendors' own clients, and Council's requests against OpenAI's description."""
