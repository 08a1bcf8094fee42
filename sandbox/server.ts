import { createServer, type IncomingMessage } from 'node:http'
import { control } from './control.ts'
import { doudianGateway, isDoudianPath } from './doudian/gateway.ts'
import { createFaultBoard } from './faults.ts'
import {
  answer,
  decodeForm,
  decodeMultipart,
  type Outcome,
  type Params,
  perform,
  type Received,
  readBody,
} from './http.ts'
import { isJdTokenPath, jdGateway } from './jd/gateway.ts'
import { oauthGateway } from './jd/tokens.ts'
import { keepEachMinute, readSandbox } from './keeping.ts'
import { labelGateway } from './kuaidi100/gateway.ts'
import { createKuaidi100 } from './kuaidi100/labels.ts'
import { createTracking, pushTracking, trackingGateway } from './kuaidi100/tracking.ts'
import { isKuaishouPath, kuaishouGateway } from './kuaishou/gateway.ts'
import { isMallEvent, ownshopGateway } from './ownshop/gateway.ts'
import { isPaipaiPath, paipaiGateway } from './paipai/gateway.ts'
import { popGateway } from './pinduoduo/gateway.ts'
import { createPush, listen } from './push/books.ts'
import { servePush } from './push/serve.ts'
import { isShopifyPath, shopifyGateway } from './shopify/gateway.ts'
import type { Sandbox } from './state.ts'
import { topGateway } from './taobao/gateway.ts'
import { consentPage, grant, token } from './taobao/oauth.ts'
import { stableToken, weixinGateway } from './weixin/gateway.ts'
import { isWooPath, woocommerceGateway } from './woocommerce/gateway.ts'
import { populate, type Rate, tick } from './world/life.ts'
import type { ShopOptions } from './world/model.ts'
import { listingPicture } from './world/pictures.ts'
import { createRandom } from './world/random.ts'
import { type Clock, createWorld, type World } from './world/world.ts'
import { consentParams, xiaohongshuGateway } from './xiaohongshu/gateway.ts'

export interface SandboxOptions {
  /** 0 picks a free port. */
  port: number
  seed: string
  shops: readonly ShopOptions[]
  /** Default: the machine's clock. */
  clock?: Clock
  /** How many trades and events are generated automatically; null (default): none until `advance`. */
  rate?: Rate | null
  /** The time over which the first trades are spread; default five days. */
  spreadSeconds?: number
  /** Default 30 days. */
  tokenLifeSeconds?: number
  /** The file in which the simulator is kept for its next start: each minute, and when it ends. */
  keptIn?: string
}

export interface RunningSandbox {
  /** Without a slash at the end: http://127.0.0.1:port. */
  url: string
  world: World
  sandbox: Sandbox
  close(): Promise<void>
}

/** Builds the world and serves it on loopback. The gateways are /router/rest (TOP), /api/router (POP), /channels/ec (微信小店),
 * /routerjson (京东), /ark/open_api (小红书), /wp-json (WooCommerce), /admin (Shopify), /open and /oauth2 (快手; of /oauth2 京东 too), /label/order (快递100), and the methods of 抖店 and 拍拍, which are paths of their own; /control changes the world. */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const clock = options.clock ?? { now: () => Date.now() }
  const kept = options.keptIn && readSandbox(options.keptIn, options, clock)
  const sandbox: Sandbox = Object.assign(kept || createParts(options, clock), {
    rate: options.rate ?? { newTradesPerMinute: 0, eventsPerMinute: 0 },
    tokenLife: options.tokenLifeSeconds ?? 30 * 86_400,
  })
  const { world } = sandbox
  const server = createServer((request, response) => {
    respond(sandbox, request).then(
      (outcome) => perform(outcome, request, response),
      (error: unknown) =>
        perform(answer(JSON.stringify({ error: String(error) }), undefined, 500), request, response),
    )
  })
  listen(world, sandbox.push)
  const endPush = servePush(sandbox, server)
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sandbox has no port')
  world.url = `http://127.0.0.1:${address.port}`
  const stopLife = live(sandbox)
  const endKeeping = options.keptIn && keepEachMinute(options.keptIn, sandbox, options)
  return {
    url: world.url,
    world,
    sandbox,
    close: async () => {
      stopLife()
      endPush()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      if (endKeeping) endKeeping()
    },
  }
}

/** Makes a world with its first trades, and empty books. */
function createParts(options: SandboxOptions, clock: Clock): Omit<Sandbox, 'rate' | 'tokenLife'> {
  const world = createWorld(options.seed, options.shops, clock)
  for (const shop of world.shops)
    populate(world, shop, shop.options.trades, options.spreadSeconds ?? 5 * 86_400)
  return {
    world,
    board: createFaultBoard(createRandom(`faults:${options.seed}`)),
    kuaidi100: createKuaidi100(),
    tracking: createTracking(),
    push: createPush(createRandom(`push:${options.seed}`)),
    calls: new Map(),
    errors: new Map(),
    peaks: new Map(),
  }
}

const GATEWAYS: Readonly<Record<string, (sandbox: Sandbox, received: Received) => Outcome>> = {
  '/api/router': popGateway,
  '/cgi-bin/stable_token': stableToken,
  '/label/order': labelGateway,
  '/poll': trackingGateway,
  '/routerjson': jdGateway,
  '/ark/open_api/v3/common_controller': xiaohongshuGateway,
  '/poll/query.do': trackingGateway,
}

async function respond(sandbox: Sandbox, request: IncomingMessage): Promise<Outcome> {
  const target = request.url ?? '/'
  const cut = target.indexOf('?')
  const path = cut < 0 ? target : target.slice(0, cut)
  const params: Params = new Map()
  const query = cut < 0 ? '' : target.slice(cut + 1)
  decodeForm(query, params)
  const verb = request.method ?? 'GET'
  if (path === '/router/rest') {
    const files =
      verb === 'GET' ? new Map<string, Buffer>() : decodeBody(request, await readBody(request), params)
    return topGateway(sandbox, verb, params, files)
  }
  const gateway = path.startsWith('/control')
    ? control
    : isDoudianPath(path)
      ? doudianGateway
      : path.startsWith('/channels/ec/')
        ? weixinGateway
        : isJdTokenPath(path, params) && path !== '/oauth2/to_login'
          ? oauthGateway
          : isKuaishouPath(path) && path !== '/oauth2/to_login'
            ? kuaishouGateway
            : isPaipaiPath(path)
              ? paipaiGateway
              : isWooPath(path)
                ? woocommerceGateway
                : isShopifyPath(path)
                  ? shopifyGateway
                  : isMallEvent(path, request.headers)
                    ? ownshopGateway
                    : GATEWAYS[path]
  if (gateway !== undefined) {
    const type = request.headers['content-type'] ?? ''
    const { headers } = request
    return gateway(sandbox, { verb, path, params, query, type, headers, body: await readBody(request) })
  }
  // Kuaishou names the application app_id, JD app_key.
  if (path === '/oauth/authorize') params.set('client_id', params.get('app_id') ?? '')
  if (path === '/oauth2/to_login') params.set('client_id', params.get('app_key') ?? '')
  if (path === '/ark/authorization') return consentPage(sandbox, consentParams(params))
  if (['/authorize', '/service-market/auth', '/oauth/authorize', '/oauth2/to_login'].includes(path))
    return consentPage(sandbox, params)
  if (path === '/authorize/grant') return grant(sandbox, params)
  if (path === '/token') {
    decodeBody(request, await readBody(request), params)
    return token(sandbox, params)
  }
  return picture(path)
}

function decodeBody(request: IncomingMessage, body: Buffer, params: Params): Map<string, Buffer> {
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) return decodeMultipart(body, type, params)
  decodeForm(body.toString('utf8'), params)
  return new Map()
}

function picture(path: string): Outcome {
  const svg = listingPicture(Number(/^\/img\/(\d{1,3})\.svg$/.exec(path)?.[1] ?? Number.NaN))
  if (svg === undefined) return answer('not found', 'text/plain', 404)
  return {
    kind: 'answer',
    status: 200,
    type: 'image/svg+xml',
    body: svg,
    headers: {
      'cache-control': 'public, max-age=86400',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    },
  }
}

/** Generates new trades and events once a second; returns the function that stops it. */
function live(sandbox: Sandbox): () => void {
  let last = Date.now()
  let isPushing = false
  const timer = setInterval(() => {
    const now = Date.now()
    const seconds = Math.min(5, (now - last) / 1000)
    last = now
    const { rate } = sandbox
    if (rate.newTradesPerMinute <= 0 && rate.eventsPerMinute <= 0) return
    tick(sandbox.world, rate, seconds)
    if (isPushing) return
    isPushing = true
    void pushTracking(sandbox).finally(() => {
      isPushing = false
    })
  }, 1000)
  timer.unref()
  return () => clearInterval(timer)
}
