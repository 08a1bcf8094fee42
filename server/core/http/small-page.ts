import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { LocalizedText } from '../../lib/localized-text.ts'

// Pages for people who may have no account here. They need no script, and no file besides themselves.
const style = `body{font:14px/1.6 sans-serif;max-width:460px;margin:16vh auto;padding:0 16px;color:#1b1c1f}p{margin:4px 0}
.en{color:#696d75}a{display:inline-block;margin-top:20px;color:#3450c4}
button{font:inherit;margin-top:20px;padding:6px 20px;border:0;border-radius:6px;background:#3450c4;color:#fff;cursor:pointer}`
const styleHash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'`

/** Answers with a page that says these words. `rest`: HTML below them. */
export function sendSmallPage(reply: FastifyReply, words: LocalizedText, rest = ''): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .send(`<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>三易</title>
<style>${style}</style>
<p>${escapeHtml(words.zh)}</p><p class="en" lang="en">${escapeHtml(words.en)}</p>
${rest}</html>`)
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
