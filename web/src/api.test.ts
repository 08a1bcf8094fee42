import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { get, patch, post } from './api.ts'
import type { Answer } from './api-routes.ts'
import type { FormProps, RowAction } from './ui/act/actions.ts'

/** Only compiled, never run. The marked lines would compile if the pages' requests no longer matched the contracts. */
export function drifts(asked: {
  get: typeof get
  post: typeof post
  patch: typeof patch
  onSubmit: FormProps<'/orders/hold'>['onSubmit']
}) {
  const rows = [{ id: '1', courier: 'SF', waybillNo: 'SF1000000001' }]
  void asked.post('/deliveries/waybills', { rows })
  // @ts-expect-error the rows are named by themselves
  void asked.post('/deliveries/waybills', { ids: ['1'], rows })
  // @ts-expect-error there is no such path
  void asked.post('/deliveries/waybill', { rows })
  // @ts-expect-error a path says whose it is
  void asked.get('/orders/:id')
  // @ts-expect-error no such filter
  void asked.get('/orders', { numbers: '1', nonsense: '2' })
  // @ts-expect-error nothing narrows it
  void asked.get('/shops', { limit: 200 })
  // @ts-expect-error a name is text
  void asked.patch('/me', { name: 5 })
  // @ts-expect-error no such reason
  asked.onSubmit({ reason: 'because', note: '' })
  const answer: Answer<'GET', '/couriers'> = { rows: [{ code: 'SF', zh: '顺丰', en: 'SF' }] }
  return answer
}

const words = ['发货', 'Ship'] as const
const common = { words, permission: 'fulfilment.ship', done: words } as const
export const good: RowAction<{ id: string }> = { ...common, path: '/deliveries/ship' }
// @ts-expect-error it takes a form that gives a reason
export const formless: RowAction<{ id: string }> = { ...common, path: '/deliveries/write-again' }
// @ts-expect-error its form has to name the rows itself
export const doubled: RowAction<{ id: string }> = {
  ...common,
  path: '/deliveries/waybills',
  input: () => null,
}

test('no page asks the server but through the typed requests of api.ts', async () => {
  const folder = fileURLToPath(new URL('./', import.meta.url))
  const files = await readdir(folder, { recursive: true })
  const own = files.filter((file) => /\.tsx?$/.test(file) && !/(^api|\.test)\.tsx?$/.test(file))
  const untyped: string[] = []
  for (const file of own) {
    const text = await readFile(`${folder}/${file}`, 'utf8')
    if (/\bfetch\(|XMLHttpRequest|sendBeacon|EventSource/.test(text)) untyped.push(file)
  }
  assert.deepEqual(untyped, [])
  assert.ok(own.length > 200)
})

test('no page needs what a browser has over https only, since a house may stand in a plain network', async () => {
  const folder = fileURLToPath(new URL('./', import.meta.url))
  const files = await readdir(folder, { recursive: true })
  const needing: string[] = []
  for (const file of files.filter((each) => /\.tsx?$/.test(each) && !/\.test\.ts$/.test(each))) {
    const text = await readFile(`${folder}/${file}`, 'utf8')
    if (/randomUUID\(|crypto\.subtle|clipboard\.|caches\.|serviceWorker\./.test(text)) needing.push(file)
  }
  assert.deepEqual(needing, [])
})
