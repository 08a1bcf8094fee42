import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

type Listener = (event: { request: object; respondWith: (answer: unknown) => void }) => void

/** Loads the worker as a browser does; the returned function says whether it answers a request or leaves it to the server. */
function worker(): (address: string, more?: object) => boolean {
  const listeners = new Map<string, Listener>()
  const origin = 'https://example.com'
  runInNewContext(readFileSync(new URL('../../phone-worker.js', import.meta.url), 'utf8'), {
    ...{ URL, Request, location: { origin }, fetch: async () => undefined },
    self: { addEventListener: (name: string, listener: Listener) => listeners.set(name, listener) },
    caches: { open: async () => ({ match: async () => undefined }), match: async () => undefined },
  })
  return (address, more) => {
    let answers = false
    const request = { url: new URL(address, origin).href, method: 'GET', mode: 'navigate', ...more }
    const respondWith = () => {
      answers = true
    }
    listeners.get('fetch')?.({ request, respondWith })
    return answers
  }
}

test('the worker answers the pages of the phone and their files, and no other page that begins like them', () => {
  const answers = worker()
  for (const page of ['/phone', '/phone?x=1', '/phone/count/7']) assert.equal(answers(page), true, page)
  for (const page of ['/phones', '/phones?x=1', '/phoney/count']) assert.equal(answers(page), false, page)
  assert.equal(answers('/assets/a.js', { mode: 'cors' }), true)
  assert.equal(answers('/api/waves', { mode: 'cors' }), false)
  assert.equal(answers('/phone', { method: 'POST' }), false)
  assert.equal(answers('https://elsewhere.com/phone'), false)
})
