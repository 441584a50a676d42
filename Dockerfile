# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build scripts/build
COPY src src
COPY pages pages
RUN npm run build
# The image needs neither the build tools nor the packages that are built into the pages.
RUN npm pkg delete optionalDependencies.esbuild optionalDependencies.vite optionalDependencies.lit \
    optionalDependencies.redoc optionalDependencies.swagger-ui-dist optionalDependencies.uplot \
    'optionalDependencies[wavesurfer.js]' scripts.prepare \
    && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    RECORDINGS_DIRECTORY=/data/responses \
    MICROPHONE_DIRECTORY=/data/recordings
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY bin bin
COPY prompts prompts
COPY fixtures/calls/barge-in.jsonl fixtures/calls/
RUN install -d -o node -g node /data/responses /data/recordings
USER node
VOLUME ["/data/responses", "/data/recordings"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8000}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/offhook.mjs"]
CMD ["serve"]
