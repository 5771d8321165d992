# Build: installs the locked packages and trains the model. Run: the same environment, without tools, as a user without rights.
FROM python:3.10-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3
COPY requirements.txt .
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN .venv/bin/python -m bot train && rm -rf .rasa

FROM python:3.10-slim-bookworm
RUN useradd --system --uid 10001 --create-home assistant && mkdir -p /data && chown assistant /data
WORKDIR /app
COPY --from=build /app /app
USER assistant
ENV HOST=0.0.0.0 DATA_FOLDER=/data RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 MPLCONFIGDIR=/tmp
EXPOSE 5005
CMD [".venv/bin/python", "-m", "bot", "serve"]
