FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.txt requirements-otel.txt ./
COPY deploy/prune.py .
# --build-arg OTEL=yes adds what traces need (docs/how-to/observability.md).
ARG OTEL=no
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt \
    && if [ "$OTEL" = yes ]; then /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-otel.txt; fi \
    && /venv/bin/python prune.py /venv/lib/python3.12/site-packages
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY reviewers reviewers
COPY webhooks webhooks
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
# Mirrors of repositories are fetched with it.
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --uid 10001 council && install -d -o council /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH COUNCIL_DATA=/data HOST=0.0.0.0
USER council
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', '3000')}/healthz\", timeout=4)"]
CMD ["council", "serve"]
