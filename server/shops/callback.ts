import { createHash } from 'node:crypto'
import Type from 'typebox'
import type { Routes } from '../core/http/http.ts'
import { AppError } from '../errors.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { type ConnectDeps, finishAuthorisation, shopOfState } from './authorise.ts'

const query = Type.Object(
  {
    code: Type.Optional(Type.String({ maxLength: 2000 })),
    state: Type.Optional(Type.String({ maxLength: 2000 })),
    error: Type.Optional(Type.String({ maxLength: 200 })),
  },
  // Platforms add parameters of their own to the address.
  { additionalProperties: true },
)

const style = `body{font:14px/1.6 sans-serif;max-width:460px;margin:16vh auto;padding:0 16px;color:#1b1c1f}p{margin:4px 0}
.en{color:#696d75}a{display:inline-block;margin-top:20px;color:#3450c4}`
const styleHash = createHash('sha256').update(style).digest('base64')
const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'`

/**
 * Makes the route to which the platform sends the seller back. It is public, because the shop's owner may have no account here; the sealed
 * `state` proves that the request is permitted.
 */
export function callbackRoute(deps: ConnectDeps, redirectUri: string): Routes {
  return async (app) => {
    app.get(
      '/api/oauth/callback',
      { config: { permission: 'public' }, schema: { hide: true, querystring: query } },
      async (request, reply) => {
        const { code = '', state = '', error } = request.query
        reply.type('text/html; charset=utf-8').header('content-security-policy', pagePolicy)
        try {
          if (error !== undefined || code === '') throw new AppError('authorisation_stale')
          const origin = { ip: request.ip, id: request.id }
          const { shopId, nick } = await finishAuthorisation(deps, {
            code,
            state,
            redirectUri,
            request: origin,
          })
          const words = { zh: `授权完成：${nick}`, en: `Authorised: ${nick}` }
          return reply.header('refresh', `2; url=/shops/${shopId}`).send(page(words, shopId))
        } catch (failure) {
          if (!(failure instanceof AppError)) throw failure
          const words = { zh: failure.text('zh'), en: failure.text('en') }
          return reply.code(failure.status).send(page(words, shopOfState(deps.ring, state)))
        }
      },
    )
  }
}

function page(words: LocalizedText, shopId: string | undefined): string {
  const back = shopId === undefined ? '/shops' : `/shops/${shopId}`
  return `<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>三易</title>
<style>${style}</style>
<p>${escapeHtml(words.zh)}</p><p class="en" lang="en">${escapeHtml(words.en)}</p>
<a href="${back}">回到店铺 Back to the shop</a></html>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
