import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SkuDetail } from './types.ts'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { skuChanger } = await import('./save-sku.ts')

test('if the SKU is saved and its product is not, the next try is not refused as older than the first', async () => {
  const sent: string[] = []
  const stored = { version: 4, product: '枕头' }
  globalThis.fetch = async (url, init) => {
    const [row] = JSON.parse(String(init?.body)).rows
    sent.push(`${url} ${row.version ?? ''}`.trim())
    if (String(url) === '/api/skus') {
      if (row.version !== stored.version)
        return Response.json({ results: [{ id: row.id, done: false, code: 'changed' }] })
      stored.version += 1
    } else if (sent.length === 2) throw new TypeError('Failed to fetch')
    else stored.product = row.name
    return Response.json({ results: [{ id: row.id, done: true }] })
  }
  const seen = { id: '7', productId: '3', version: 4, name: '枕头', category: '', brand: '' } as SkuDetail
  const change = skuChanger(seen)
  const save = () => change({ code: 'PILLOW', spec: '白' }, { name: '乳胶枕', category: '', brand: '' })
  await assert.rejects(save(), { code: 'unreachable' })
  assert.equal((await save())?.done, true)
  assert.deepEqual(sent, ['/api/skus 4', '/api/products', '/api/skus 5', '/api/products'])
  assert.deepEqual(stored, { version: 6, product: '乳胶枕' })
})

test('a SKU that another person has changed is refused, and its product stays', async () => {
  const sent: string[] = []
  globalThis.fetch = async (url) => {
    sent.push(String(url))
    return Response.json({ results: [{ id: '7', done: false, code: 'changed' }] })
  }
  const seen = { id: '7', productId: '3', version: 4, name: '枕头', category: '', brand: '' } as SkuDetail
  const outcome = await skuChanger(seen)({ code: 'PILLOW' }, { name: '乳胶枕', category: '', brand: '' })
  assert.deepEqual([outcome?.done, sent], [false, ['/api/skus']])
})
