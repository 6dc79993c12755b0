# Two stages: what builds stays behind; what runs is a slim image with a user that owns nothing.
FROM python:3.13-slim AS build
WORKDIR /srv
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --quiet uv==0.13.9
# The dependencies are a layer of their own: they change less often than the code.
COPY requirements.lock ./
RUN .venv/bin/uv pip install --python .venv/bin/python --no-cache --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY app app
RUN .venv/bin/uv pip install --python .venv/bin/python --no-cache --no-deps --editable . \
    && rm -rf .venv/bin/uv .venv/bin/uvx .venv/lib/python3*/site-packages/uv* .venv/lib/python3*/site-packages/pip*

FROM python:3.13-slim
RUN useradd --system --no-create-home --uid 10001 onestop \
    && install --directory --owner=onestop --mode=0700 /var/lib/onestop
WORKDIR /srv
COPY --from=build /srv /srv
COPY alembic.ini ./
COPY migrations migrations
ENV PATH=/srv/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ONESTOP_ENV=production ONESTOP_HOST=0.0.0.0 ONESTOP_PORT=8000 ONESTOP_HOME=/var/lib/onestop
USER onestop
# What people have uploaded; the database is elsewhere.
VOLUME /var/lib/onestop
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["onestop"]
CMD ["serve"]
