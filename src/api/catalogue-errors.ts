import type { Request, Response } from 'express';
import { BadQuery, CatalogueDown } from '../catalogue/catalogue.ts';
import { sendProblem } from '../http/problem-response.ts';

/** What the catalogue refuses or cannot do now becomes an answer. */
export function handleCatalogueErrors(work: (request: Request, response: Response) => Promise<void>) {
  return async (request: Request, response: Response): Promise<void> => {
    try {
      await work(request, response);
    } catch (error) {
      if (error instanceof BadQuery) sendProblem(response, 400, error.message);
      else if (error instanceof CatalogueDown) {
        response.set('retry-after', '5');
        sendProblem(response, 503, 'The catalogue cannot be reached just now; no call is lost by that.');
      } else throw error;
    }
  };
}
