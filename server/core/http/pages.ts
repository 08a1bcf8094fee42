import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../errors.ts'
import { body } from './http-errors.ts'

const folder = fileURLToPath(new URL('../../../web/dist/', import.meta.url))

const notBuilt =
  '<!doctype html><meta charset="utf-8"><title>三易</title><p>界面还没有构建：npm run build · The pages are not built yet: npm run build'

/**
 * Serves the built pages. Files under /assets have a hash of their content in their names and are cached for a year; the page itself is
 * requested each time. Every other URL outside /api without a file extension also gets the page, and the router in the browser reads the
 * path.
 */
export async function addPages(app: FastifyInstance): Promise<void> {
  const built = existsSync(folder)
  if (built) {
    const common = { preCompressed: true, cacheControl: false, index: false } as const
    await app.register(fastifyStatic, {
      ...common,
      root: folder,
      wildcard: false,
      globIgnore: ['index.html', 'assets/**', '**/*.br', '**/*.gz'],
      setHeaders: (reply) => reply.header('cache-control', 'no-cache'),
    })
    // One route for all of them: a route for each of the many files takes a fifth of the time in which the server is built.
    await app.register(fastifyStatic, {
      ...common,
      root: `${folder}assets/`,
      prefix: '/assets/',
      decorateReply: false,
      allowedPath: (path) => !/\.(br|gz)$/.test(path),
      setHeaders: (reply) => reply.header('cache-control', 'public, max-age=31536000, immutable'),
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const isPage =
      request.method === 'GET' &&
      !request.url.startsWith('/api') &&
      !/\.\w+$/.test(request.url.split('?')[0] ?? '')
    if (!isPage) {
      const refusal = new AppError('not_found', { what: { zh: '这个地址', en: 'This address' } })
      return reply.code(404).send(body(refusal, request.id))
    }
    if (built) return reply.sendFile('index.html')
    return reply.code(503).type('text/html; charset=utf-8').send(notBuilt)
  })
}
