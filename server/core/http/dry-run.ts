import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'

/** The header of a request that only asks what a verb would do. Its one value is `true`. */
export const dryRunHeader = 'x-dry-run'

export const isDryRun = ({ headers }: FastifyRequest) => headers[dryRunHeader] === 'true'

/** Marks a route whose handler reads `isDryRun`. */
export function canRunDry<Options extends { config: object }>(options: Options) {
  return { ...options, config: { ...options.config, dryRun: true } }
}

/** Refuses the header on a route that would change things in spite of it. */
export function addDryRuns(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    const asked = request.headers[dryRunHeader]
    if (asked === undefined || (asked === 'true' && mayRunDry(request))) return
    throw new AppError('invalid_input', { detail: 'X-Dry-Run' }, 'X-Dry-Run')
  })
}

const mayRunDry = ({ method, routeOptions }: FastifyRequest) =>
  method === 'GET' || routeOptions.config.dryRun === true
