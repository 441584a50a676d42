import { readFileSync } from 'node:fs';
import express, { Router } from 'express';
import { absolutePath } from 'swagger-ui-dist';
import { guard, pageGuard, type GuardParts } from './guard.ts';
import { openApi } from './openapi.ts';

export interface DocsParts extends GuardParts {
  readonly version: string;
}

/** Swagger UI writes its own styles into the page; nothing in it comes from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>offhook: the interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<style>
  body { margin: 0; }
  nav { padding: 0.75rem 1.25rem; border-bottom: 1px solid #8886; font: 700 1.1rem system-ui, sans-serif; }
  nav a { color: #0b5cad; }
  .dark-mode nav a { color: #7fb8ff; }
</style>
</head>
<body>
<nav aria-label="Pages"><a href="/phone">Back to offhook</a></nav>
<main id="interface"></main>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/start.js"></script>
</body>
</html>
`;

/** Its dark colours hang on a class. */
const START = `const dark = matchMedia('(prefers-color-scheme: dark)');
const colour = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', colour);
colour();
window.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#interface', deepLinking: true, tryItOutEnabled: true });
`;

/** `GET /openapi.json`, and `/docs`, where every route can be tried out. */
export function docsRoutes(parts: DocsParts): Router {
  const router = Router();
  const description = openApi(parts.version);
  router.get('/openapi.json', guard(parts), (_request, response) => {
    response.json(description);
  });
  router.get('/docs', pageGuard(parts), (_request, response) => {
    response.set('content-security-policy', POLICY).type('text/html').send(PAGE);
  });
  router.get('/docs/assets/start.js', (_request, response) => {
    response.type('text/javascript').send(START);
  });
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    router.get(`/docs/assets/${name}`, assetOf(name));
  return router;
}

/** Read when it is first asked for: it is a megabyte and a half. */
function assetOf(name: string): express.RequestHandler {
  let text: string | undefined;
  return (_request, response) => {
    text ??= readFileSync(`${absolutePath()}/${name}`, 'utf8');
    response
      .set('cache-control', 'public, max-age=86400')
      .type(name.endsWith('.css') ? 'text/css' : 'text/javascript')
      .send(text);
  };
}
