import express, { type Router } from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorHandler, notFound } from '../../src/http/error-handler.ts';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { createLog } from '../../src/log.ts';

/** A header that any proxy adds, and so a request from elsewhere. */
export const FROM_ELSEWHERE = { 'x-forwarded-for': '203.0.113.9' };

/** Routes on a real server on this machine, with the handlers that stand around them in the product. */
export class LocalServer {
  readonly logged: string[] = [];
  #server: Server | undefined;

  async start(...routes: Router[]): Promise<this> {
    const destination = { write: (line: string) => void this.logged.push(line) };
    const app = express().use(securityHeaders, ...routes, notFound());
    app.use(errorHandler(createLog({ level: 'info', destination })));
    await new Promise<void>((listening) => (this.#server = app.listen(0, '127.0.0.1', () => listening())));
    return this;
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.urlOf(path), init);
  }

  urlOf(path: string): string {
    const { port } = this.#server?.address() as AddressInfo;
    return `http://127.0.0.1:${port}${path}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((closed) => this.#server?.close(closed));
  }
}
