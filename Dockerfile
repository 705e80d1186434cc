# One image for API and workers: the sources, their dependencies and the bundles of both.
FROM node:22-bookworm-slim
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund \
 && node -e "import('/app/apps/cli/bin/bundle.mjs').then(async (made) => { await made.serviceBundle(); await made.explorerFolder(); })" \
 && npm cache clean --force
ENV NODE_ENV=production
USER node
EXPOSE 8080
CMD ["node", "apps/api/bin/api.mjs"]
