# The first stage makes JavaScript of the sources and leaves the packages that it needs to run; the second has nothing else.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run --silent prepack && npm ci --omit=dev

FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/public/index.html ./public/index.html
# It writes only what is published: the unprivileged user of the image will do.
RUN mkdir /data && chown node:node /data
ENV LIVEFEED_DATA=/data
VOLUME /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Inside the container, as outside, it listens on loopback only until told otherwise: docker-compose.yml shows how.
ENTRYPOINT ["node", "dist/main.js"]
