import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mallBooks as booksOfMall } from './ownshop/books.ts'
import { type RunningSandbox, startSandbox } from './server.ts'
import type { ShopOptions } from './world/model.ts'
import { type ManualClock, manualClock } from './world/world.ts'

/** 2026-11-24 12:00:00 at +08:00. */
export const NOON = Date.UTC(2026, 10, 24, 4) / 1000

export const tmall: ShopOptions = {
  platform: 'tmall',
  key: 'tm',
  name: '测试旗舰店',
  appKey: '1001',
  appSecret: 'top-secret',
  sessionKey: 'session-tm',
  refreshToken: 'refresh-tm',
  trades: 0,
}
export const taobao: ShopOptions = {
  ...tmall,
  platform: 'taobao',
  key: 'tb',
  name: '测试小店',
  sessionKey: 'session-tb',
  refreshToken: 'refresh-tb',
}
export const pdd: ShopOptions = {
  ...tmall,
  platform: 'pinduoduo',
  key: 'pdd',
  name: '测试拼店',
  appKey: 'client-pdd',
  appSecret: 'pop-secret',
  sessionKey: 'session-pdd',
  refreshToken: 'refresh-pdd',
}

export const doudian: ShopOptions = {
  ...tmall,
  platform: 'doudian',
  key: 'dd',
  name: '测试抖店',
  appKey: '7000000000000000001',
  appSecret: 'doudian-secret',
  sessionKey: 'session-dd',
  refreshToken: 'refresh-dd',
}

export const weixin: ShopOptions = {
  ...tmall,
  platform: 'weixin',
  key: 'wx',
  name: '测试微店',
  appKey: 'wx-app',
  appSecret: 'weixin-secret',
  sessionKey: 'session-wx',
  refreshToken: 'refresh-wx',
}

export const paipai: ShopOptions = {
  ...tmall,
  platform: 'paipai',
  key: 'pp',
  name: '测试拍拍店',
  appKey: '855000188',
  appSecret: 'paipai-secret',
  sessionKey: 'session-pp',
  refreshToken: 'paipai-has-none',
}

export const kuaishou: ShopOptions = {
  ...tmall,
  platform: 'kuaishou',
  key: 'ks',
  name: '测试快手店',
  appKey: 'ks700000000000000001',
  appSecret: 'kuaishou-secret',
  signSecret: 'kuaishou-sign-secret',
  sessionKey: 'session-ks',
  refreshToken: 'refresh-ks',
}

export const jd: ShopOptions = {
  ...tmall,
  platform: 'jd',
  key: 'jd',
  name: '测试京东店',
  appKey: '7D3F1A5C9E0B2D4F6A8C0E1F3B5D7A90',
  appSecret: 'jd-secret',
  sessionKey: 'session-jd',
  refreshToken: 'refresh-jd',
}

export const xiaohongshu: ShopOptions = {
  ...tmall,
  platform: 'xiaohongshu',
  key: 'xhs',
  name: '测试小红书店',
  appKey: '21d6a748be8de0f04c19',
  appSecret: 'xiaohongshu-secret',
  sessionKey: 'session-xhs',
  refreshToken: 'refresh-xhs',
}

export const woocommerce: ShopOptions = {
  ...tmall,
  platform: 'woocommerce',
  key: 'woo',
  name: '测试官网',
  appKey: 'ck_7c3d3f1a5c9e0b2d4f6a8c0e1f3b5d7a90e1f2b3',
  appSecret: 'cs_woocommerce-secret',
  sessionKey: 'session-woo',
  refreshToken: 'refresh-woo',
}

export const shopify: ShopOptions = {
  ...tmall,
  platform: 'shopify',
  key: 'shopify-test',
  name: '测试海外站',
  appKey: '7c3d3f1a5c9e0b2d4f6a8c0e1f3b5d7a',
  appSecret: 'shpss_simulator-secret',
  sessionKey: 'session-shopify',
  refreshToken: 'refresh-shopify',
}

export const ownshop: ShopOptions = {
  ...tmall,
  platform: 'ownshop',
  key: 'own',
  name: '测试商城',
  appKey: 'own-has-none',
  appSecret: 'ownshop-webhook-secret',
  sessionKey: 'session-own',
  refreshToken: 'refresh-own',
}

export interface TestSandbox extends RunningSandbox {
  clock: ManualClock
}

/** Starts a simulator at noon on a manual clock, with ten empty shops and without automatic events. */
export async function stillSandbox(): Promise<TestSandbox> {
  const clock = manualClock(NOON * 1000)
  const shops = [tmall, taobao, pdd, doudian, paipai, kuaishou, jd, xiaohongshu, woocommerce, shopify]
  const running = await startSandbox({ port: 0, seed: 'test', shops, clock })
  return { ...running, clock }
}

/** `yyyy-MM-dd HH:mm:ss` at +08:00. */
export function chinaTime(seconds: number): string {
  return new Date((seconds + 28_800) * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

/** Calls a TOP method as a correct client does. `params` override the usual parameters; '' leaves a parameter out. */
export async function top(
  sandbox: TestSandbox,
  shop: ShopOptions,
  method: string,
  params: Record<string, string> = {},
): Promise<string> {
  const all: Record<string, string> = {
    method,
    app_key: shop.appKey,
    session: shop.sessionKey,
    timestamp: chinaTime(sandbox.clock.now() / 1000),
    v: '2.0',
    format: 'json',
    sign_method: 'md5',
    ...params,
  }
  for (const [name, value] of Object.entries(all)) if (value === '') delete all[name]
  if (params['sign'] === undefined) all['sign'] = md5Sign(all, shop.appSecret)
  const response = await fetch(`${sandbox.url}/router/rest`, {
    method: 'POST',
    body: new URLSearchParams(all),
  })
  return response.text()
}

/** Calls a POP method as a correct client does. */
export async function pop(
  sandbox: TestSandbox,
  type: string,
  params: Record<string, string> = {},
): Promise<string> {
  const all: Record<string, string> = {
    type,
    client_id: pdd.appKey,
    access_token: pdd.sessionKey,
    timestamp: String(Math.floor(sandbox.clock.now() / 1000)),
    data_type: 'JSON',
    version: 'V1',
    ...params,
  }
  for (const [name, value] of Object.entries(all)) if (value === '') delete all[name]
  if (params['sign'] === undefined) all['sign'] = md5Sign(all, pdd.appSecret)
  const response = await fetch(`${sandbox.url}/api/router`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(all),
  })
  return response.text()
}

export async function control(
  sandbox: RunningSandbox,
  path: string,
  body: Record<string, unknown> = {},
): Promise<string> {
  const response = await fetch(`${sandbox.url}/control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return response.text()
}

/** Makes a trade, which may be shipped unless `spec` has another status. Returns its number. */
export async function aTrade(sandbox: RunningSandbox, shop: string, spec: object = {}): Promise<string> {
  const made = await control(sandbox, 'trades', { shop, status: 'WAIT_SELLER_SEND_GOODS', ...spec })
  return JSON.parse(made).tids?.[0] ?? assert.fail(made)
}

/** Returns every value of a field in a JSON text as written, so that ids keep their digits. */
export function valuesOf(json: string, field: string): string[] {
  const found = [...json.matchAll(new RegExp(`"${field}":("(?:[^"\\\\]|\\\\.)*"|[^,}\\]]+)`, 'g'))]
  return found.map((match) => (match[1] ?? '').replace(/^"|"$/g, ''))
}

function md5Sign(params: Record<string, string>, secret: string): string {
  const base = Object.keys(params)
    .filter((name) => name !== 'sign')
    .sort()
    .map((name) => name + params[name])
    .join('')
  return createHash('md5')
    .update(secret + base + secret)
    .digest('hex')
    .toUpperCase()
}

/** The shop whose books `mallBooks` has, for connectors that read books. */
export const aMall: ShopOptions = { ...ownshop }
export const mallBooks = booksOfMall
