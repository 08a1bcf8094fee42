import type { Plugin } from 'vite'
import { answers } from './answers.ts'

/** Answers /api from pictures' data, so that pages can be drawn without a server. Development only. */
export function fixtures(): Plugin {
  return {
    name: 'fixtures',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use('/api', (request, response) => {
        const url = new URL(request.url ?? '/', 'http://x')
        let text = ''
        request.on('data', (chunk) => {
          text += chunk
        })
        request.on('end', () => {
          const found = answers.find(([method, pattern]) => method === request.method && pattern.test(url.pathname))
          const body = text === '' ? {} : JSON.parse(text)
          const answer = found ? found[2]({ url, query: Object.fromEntries(url.searchParams), body, id: found[1].exec(url.pathname)?.[1] ?? '' }) : undefined
          response.statusCode = answer === undefined ? 404 : answer === null ? 204 : 200
          response.setHeader('content-type', 'application/json')
          response.end(answer === null ? '' : JSON.stringify(answer ?? { code: 'not_found', message: `没有 ${url.pathname}`, messageEn: 'missing', requestId: 'fixture' }))
        })
      })
    },
  }
}
