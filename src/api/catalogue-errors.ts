import type { ErrorRequestHandler } from 'express';
import { BadQuery, CatalogueDown } from '../catalogue/catalogue.ts';
import { sendProblem } from '../http/problem-response.ts';

const RETRY_AFTER_SECONDS = 5;

/** Maps `BadQuery` to 400 and `CatalogueDown` to 503. Mount it after the routes that use the catalogue. */
export const catalogueErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof BadQuery) sendProblem(response, 400, error.message);
  else if (error instanceof CatalogueDown) {
    response.set('retry-after', String(RETRY_AFTER_SECONDS));
    sendProblem(response, 503, 'The catalogue cannot be reached just now; no call is lost by that.');
  } else next(error);
};
