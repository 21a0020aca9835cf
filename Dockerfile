# The builder has a compiler, the published image has none: better-sqlite3 is compiled here where no prebuilt binary fits.
FROM node:22-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json esbuild.config.mjs ./
COPY grammar grammar
COPY src src
# The server is bundled; outside the bundle stays the native part of better-sqlite3.
RUN npm run build \
 && mkdir -p /app/node_modules/better-sqlite3/build/Release \
 && cp -r package.json dist /app/ \
 && cd node_modules \
 && cp better-sqlite3/package.json better-sqlite3/LICENSE /app/node_modules/better-sqlite3/ \
 && cp better-sqlite3/build/Release/better_sqlite3.node /app/node_modules/better-sqlite3/build/Release/ \
 && chmod 755 /app/dist/src/cli/main.js

FROM node:22-bookworm-slim
# `cortex` is the name that manifests written for Cortex's image call.
RUN mkdir /data && chown node:node /data \
 && ln -s /app/dist/src/cli/main.js /bin/pocket-cortex \
 && ln -s pocket-cortex /bin/cortex
COPY --from=build /app /app
COPY docker/healthcheck.mjs /app/docker/healthcheck.mjs
ENV NODE_ENV=production
USER node
# Relative paths start at the root, so that `data/…`, the default, is in the volume.
WORKDIR /
VOLUME /data
EXPOSE 9009
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["node", "/app/docker/healthcheck.mjs"]
ENTRYPOINT ["pocket-cortex"]
