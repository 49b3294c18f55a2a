# One image for every part of AI-GO; docker-compose.yml says which command each part runs.

# --- fonts, icons and scripts of the pages, from npm -------------------------------------------
FROM node:22-bookworm-slim AS npm
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

# --- Python packages ---------------------------------------------------------------------------
FROM python:3.12-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --use-pep517 -r requirements.txt

# --- the program -------------------------------------------------------------------------------
FROM python:3.12-slim-bookworm AS program
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/app/var
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin aigo
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=npm /app/node_modules node_modules
COPY . .
# What the program writes at run time stays below /app/var, so its bytecode is made here. The key given here
# is for this one step.
RUN mkdir -p var \
    && SECRET_KEY=used-while-building-only python manage.py translations compile \
    && SECRET_KEY=used-while-building-only python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q -x node_modules . \
    && chown -R aigo var
USER aigo
EXPOSE 8000
CMD ["python", "-m", "aigo.serving", "-b", "0.0.0.0", "-p", "8000"]

# --- the program with a browser: `--target browser`, for the service of that name ----------------
FROM program AS browser
USER root
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir --use-pep517 -r requirements-browser.txt
USER aigo

# --- what is built where no target is named ------------------------------------------------------
FROM program
USER aigo
