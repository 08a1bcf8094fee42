import { books, rdsRows, refundBook, tradeBook } from './books.ts'
import { changeListing, listingBooks } from './control-listings.ts'
import { changePeak } from './control-peak.ts'
import { changePush, sayPush, setPostAddress } from './control-push.ts'
import { readGarbage, readPerson, readRefundSpec, readTradeSpec } from './control-spec.ts'
import { addFault, FAULT_KINDS, type Fault } from './faults.ts'
import { createHostile } from './hostile.ts'
import { answer, type Outcome, type Params, type Received } from './http.ts'
import { type Body, BodyError, defined, fail, neededText, number, readJson, text } from './json-body.ts'
import { changeKuaidi100 } from './kuaidi100/gateway.ts'
import { endPeak } from './peak.ts'
import { pushBook } from './push/books.ts'
import type { Sandbox } from './state.ts'
import {
  changeAddress,
  changeMemo,
  closeUnpaid,
  finish,
  pay,
  releaseHold,
  setTradeStatus,
  ship,
  touchTrade,
} from './world/change.ts'
import { LABEL_MODES, labelBook, setBalance } from './world/labels.ts'
import { advance, createMany } from './world/life.ts'
import type { Refund, Shop, Trade } from './world/model.ts'
import { PARCEL_FATES } from './world/parcels.ts'
import { at } from './world/random.ts'
import {
  agreeRefund,
  closeRefund,
  openRefund,
  refundable,
  refuseRefund,
  reopenRefund,
  returnGoods,
  succeedRefund,
} from './world/refund.ts'
import { placeAt } from './world/trade.ts'
import { expireSessions, shopByKey } from './world/world.ts'

/**
 * Answers a call of the control API under /control: JSON in, JSON or NDJSON out. It changes the simulated world directly; README.md lists
 * its calls.
 */
export function control(sandbox: Sandbox, { verb, path, params, body: bytes }: Received): Outcome {
  const [, , area = '', id = '', action = ''] = path.split('/').map(decodeURIComponent)
  try {
    if (verb === 'GET') return look(sandbox, area, id, params)
    if (verb === 'DELETE' && area === 'faults') return clearFaults(sandbox, id)
    const body = readJson(bytes)
    if (area === 'trades' && id !== '') return changeTrade(sandbox, findTrade(sandbox, id), action, body)
    if (area === 'refunds' && id !== '') return changeRefund(sandbox, findRefund(sandbox, id), action, body)
    const act = ACTS[area]
    return act === undefined ? json({ error: `nothing at ${path}` }, 404) : act(sandbox, body)
  } catch (error) {
    if (error instanceof BodyError || error instanceof RangeError) return json({ error: error.message }, 400)
    throw error
  }
}

function look(sandbox: Sandbox, area: string, id: string, params: Params): Outcome {
  const { world, board } = sandbox
  if (area === 'books')
    return {
      kind: 'stream',
      type: NDJSON,
      chunks: books(needShop(sandbox, id), params.get('kind') ?? 'both'),
    }
  if (area === 'rds')
    return {
      kind: 'stream',
      type: NDJSON,
      chunks: rdsRows(sandbox, needShop(sandbox, id), params.get('kind') ?? 'trades'),
    }
  if (area === 'done') return json(done(sandbox, params.get('shop'), params.get('action')))
  if (area === 'counters')
    return json({
      calls: Object.fromEntries(sandbox.calls),
      errors: Object.fromEntries(sandbox.errors),
      mostInASecond: Object.fromEntries([...sandbox.peaks].map(([shop, { most }]) => [shop, most])),
    })
  if (area === 'faults')
    return json({
      faults: board.faults,
      peaks: Object.fromEntries(board.peaks),
      limits: Object.fromEntries(board.limits),
    })
  if (area === 'trades' && id !== '') return answer(tradeBook(findTrade(sandbox, id)))
  if (area === 'refunds' && id !== '') return answer(refundBook(findRefund(sandbox, id)))
  if (area === 'labels') return json({ labels: labelBook(sandbox.world.labels, needShop(sandbox, id)) })
  if (area === 'kuaidi100')
    return json({ enterprises: [...sandbox.kuaidi100.enterprises.values()], labels: sandbox.kuaidi100.given })
  if (area === 'push') return json(pushBook(world, sandbox.push))
  if (area === 'listings') return listingBooks(needShop(sandbox, id))
  if (area === 'shops' || area === '') {
    return json({
      now: world.clock.now(),
      rate: sandbox.rate,
      shops: world.shops.map((shop) => ({
        ...shop.options,
        trades: shop.trades.size,
        refunds: shop.refunds.size,
      })),
    })
  }
  return json({ error: `nothing at /control/${area}` }, 404)
}

const ACTS: Record<string, (sandbox: Sandbox, body: Body) => Outcome> = {
  trades(sandbox, body) {
    const shop = needShop(sandbox, neededText(body, 'shop'))
    const [count, spreadSeconds] = [number(body, 'count') ?? 1, number(body, 'spreadSeconds') ?? 0]
    const tids = createMany(sandbox.world, shop, { count, spreadSeconds }, readTradeSpec(body))
    return json(tids.length > 10_000 ? { created: tids.length } : { created: tids.length, tids })
  },
  kuaidi100(sandbox, body) {
    changeKuaidi100(sandbox, body)
    return json({ mode: sandbox.kuaidi100.mode })
  },
  listings: (sandbox, body) =>
    changeListing(sandbox.world, needShop(sandbox, neededText(body, 'shop')), body),
  /** How the e-waybill service treats a repeated request (`mode`), and how many numbers of a courier are left (`balance`). */
  labels(sandbox, body) {
    const shop = needShop(sandbox, neededText(body, 'shop'))
    const mode = text(body, 'mode')
    if (mode !== undefined)
      sandbox.world.labels.modes.set(
        shop.key,
        LABEL_MODES.find((known) => known === mode) ?? fail(`no mode ${mode}`),
      )
    const balance = number(body, 'balance')
    if (balance !== undefined) setBalance(sandbox.world.labels, shop, neededText(body, 'courier'), balance)
    return json({ mode: sandbox.world.labels.modes.get(shop.key) ?? 'look_up' })
  },
  /** How a shipped parcel fares. */
  parcels(sandbox, body) {
    const waybill = neededText(body, 'waybill')
    const fate = neededText(body, 'fate')
    sandbox.world.fates.set(waybill, PARCEL_FATES.find((known) => known === fate) ?? fail(`no fate ${fate}`))
    return json({ waybill, fate })
  },
  hostile: (sandbox, body) => json(createHostile(sandbox.world, needShop(sandbox, neededText(body, 'shop')))),
  refunds(sandbox, body) {
    const trade = findTrade(sandbox, neededText(body, 'tid'))
    if (refundable(trade).length === 0) fail(`no refund of ${trade.tid} may be applied for now`)
    const oid = text(body, 'oid')
    const line =
      oid === undefined
        ? at(trade.lines, 0)
        : (trade.lines.find((known) => known.oid === oid) ?? fail(`no line ${oid}`))
    return answer(refundBook(openRefund(sandbox.world, trade, line, readRefundSpec(body))))
  },
  advance(sandbox, body) {
    const { clock } = sandbox.world
    const seconds = number(body, 'seconds')
    if (seconds !== undefined) {
      if (!('advance' in clock) || typeof clock.advance !== 'function')
        fail('this world runs on the wall clock; only a manual clock can be advanced by seconds')
      else clock.advance(seconds * 1000)
    }
    const key = text(body, 'shop')
    advance(
      sandbox.world,
      number(body, 'events') ?? 0,
      number(body, 'births') ?? 0,
      key === undefined ? undefined : needShop(sandbox, key),
    )
    return json({ now: clock.now() })
  },
  push(sandbox, body) {
    changePush(sandbox, body)
    return json(pushBook(sandbox.world, sandbox.push))
  },
  'push-to'(sandbox, body) {
    setPostAddress(sandbox, needShop(sandbox, neededText(body, 'shop')), body)
    return json({ posts: true })
  },
  'push-say'(sandbox, body) {
    sayPush(sandbox, needShop(sandbox, neededText(body, 'shop')), body)
    return json({ said: true })
  },
  rate(sandbox, body) {
    sandbox.rate = {
      newTradesPerMinute: number(body, 'newTradesPerMinute') ?? 0,
      eventsPerMinute: number(body, 'eventsPerMinute') ?? 0,
    }
    return json(sandbox.rate)
  },
  touch(sandbox, body) {
    const shop = needShop(sandbox, neededText(body, 'shop'))
    return json({ tids: touchMany(sandbox, shop, number(body, 'count') ?? 1, number(body, 'modified')) })
  },
  faults: (sandbox, body) => json(addFault(sandbox.board, readFault(sandbox, body))),
  peak(sandbox, body) {
    changePeak(sandbox, someShops(sandbox, body), body)
    return json({ peaks: Object.fromEntries(sandbox.board.peaks) })
  },
  limit(sandbox, body) {
    const perSecond = number(body, 'perSecond')
    for (const shop of someShops(sandbox, body)) {
      if (perSecond === undefined) sandbox.board.limits.delete(shop.key)
      else sandbox.board.limits.set(shop.key, perSecond)
    }
    return json({ limits: Object.fromEntries(sandbox.board.limits) })
  },
  'expire-session'(sandbox, body) {
    for (const shop of someShops(sandbox, body)) expireSessions(sandbox.world, shop)
    return json({ expired: true })
  },
  'reset-counters'(sandbox) {
    sandbox.calls.clear()
    sandbox.errors.clear()
    sandbox.peaks.clear()
    return json({})
  },
}

function changeTrade(sandbox: Sandbox, trade: Trade, action: string, body: Body): Outcome {
  const { world } = sandbox
  const change = TRADE_CHANGES[action]
  if (change === undefined) fail(`a trade cannot ${action}; it can ${Object.keys(TRADE_CHANGES).join(', ')}`)
  const changed = change(world, trade, body)
  return changed
    ? answer(tradeBook(trade))
    : json({ error: `a trade at ${trade.status} cannot ${action}` }, 409)
}

const TRADE_CHANGES: Record<string, (world: Sandbox['world'], trade: Trade, body: Body) => boolean> = {
  pay: (world, trade) => pay(world, trade),
  close: (world, trade) => closeUnpaid(world, trade),
  finish: (world, trade) => finish(world, trade),
  release: (world, trade) => releaseHold(world, trade),
  touch: (world, trade) => always(() => touchTrade(world, trade)),
  memo: (world, trade, body) =>
    always(() => changeMemo(world, trade, text(body, 'memo'), number(body, 'flag'))),
  address: (world, trade, body) =>
    always(() => changeAddress(world, trade, Object.keys(body).length === 0 ? undefined : readPerson(body))),
  /** The couriers that the platform promises the buyer, by their codes, comma between; empty: any. */
  couriers: (world, trade, body) =>
    always(() => {
      trade.couriers = (text(body, 'couriers') ?? '').split(',').filter(Boolean)
      touchTrade(world, trade)
    }),
  status: (world, trade, body) => always(() => setTradeStatus(world, trade, neededText(body, 'status'))),
  hold: (world, trade, body) =>
    always(() => {
      trade.hold = text(body, 'hold') ?? 'top_hold'
      touchTrade(world, trade)
    }),
  garbage: (world, trade, body) =>
    always(() => {
      trade.garbage = readGarbage(body)
      touchTrade(world, trade)
    }),
  ship(world, trade, body) {
    const oid = text(body, 'oid')
    return ship(
      world,
      trade,
      oid === undefined ? trade.lines : trade.lines.filter((line) => line.oid === oid),
      {
        company: text(body, 'company') ?? '中通快递',
        waybill: text(body, 'waybill') ?? `7${trade.tid.slice(-13)}`,
      },
    )
  },
}

function changeRefund(sandbox: Sandbox, refund: Refund, action: string, body: Body): Outcome {
  const { world } = sandbox
  const changes: Record<string, () => boolean> = {
    agree: () => agreeRefund(world, refund),
    return: () => returnGoods(world, refund),
    succeed: () => succeedRefund(world, refund),
    close: () => closeRefund(world, refund),
    refuse: () => refuseRefund(world, refund, text(body, 'message') ?? '商品已发出'),
    reopen: () => reopenRefund(world, refund, number(body, 'fee')),
  }
  const change = changes[action]
  if (change === undefined) fail(`a refund cannot ${action}; it can ${Object.keys(changes).join(', ')}`)
  return change()
    ? answer(refundBook(refund))
    : json({ error: `a refund at ${refund.status} cannot ${action}` }, 409)
}

/** Sets the modified time of the youngest `count` trades to the same second, or to now. */
function touchMany(sandbox: Sandbox, shop: Shop, count: number, modified: number | undefined): string[] {
  const chosen = shop.byCreated.slice(-count)
  for (const trade of chosen) {
    if (modified === undefined) touchTrade(sandbox.world, trade)
    else placeAt(trade, modified)
  }
  return chosen.map((trade) => trade.tid)
}

/**
 * Returns the client's actions on the platform, and the number of accepted ones for each `shop action key`, so that a test can see that
 * nothing was done twice.
 */
function done(
  sandbox: Sandbox,
  shop: string | undefined,
  action: string | undefined,
): { counts: Record<string, number>; deeds: Sandbox['world']['deeds'] } {
  const deeds = sandbox.world.deeds.filter(
    (deed) => (shop === undefined || deed.shop === shop) && (action === undefined || deed.action === action),
  )
  const counts: Record<string, number> = {}
  for (const deed of deeds) {
    if (!deed.accepted) continue
    const key = `${deed.shop} ${deed.action} ${deed.key}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return { counts, deeds }
}

function readFault(sandbox: Sandbox, body: Body): Partial<Fault> & { kind: Fault['kind'] } {
  const named = neededText(body, 'kind')
  const kind =
    FAULT_KINDS.find((known) => known === named) ?? fail(`kind must be one of ${FAULT_KINDS.join(', ')}`)
  const shop = text(body, 'shop')
  if (shop !== undefined && shop !== 'kuaidi100') needShop(sandbox, shop)
  return {
    ...defined<Fault>({
      id: undefined,
      kind: undefined,
      shop,
      method: text(body, 'method'),
      remaining: number(body, 'count'),
      probability: number(body, 'probability'),
      skip: number(body, 'skip'),
      seconds: number(body, 'seconds'),
      subCode: text(body, 'subCode'),
      status: number(body, 'status'),
      ms: number(body, 'ms'),
      trades: number(body, 'trades'),
    }),
    kind,
  }
}

function clearFaults(sandbox: Sandbox, id: string): Outcome {
  const { board } = sandbox
  board.faults = id === '' ? [] : board.faults.filter((fault) => fault.id !== id)
  if (id === '') {
    for (const map of [board.bans, board.limits]) map.clear()
    for (const shop of sandbox.world.shops) endPeak(board, shop)
  }
  return json({ faults: board.faults })
}

function someShops(sandbox: Sandbox, body: Body): Shop[] {
  const key = text(body, 'shop')
  return key === undefined ? sandbox.world.shops : [needShop(sandbox, key)]
}

function needShop(sandbox: Sandbox, key: string): Shop {
  return (
    shopByKey(sandbox.world, key) ??
    fail(`no shop ${key}; there are ${sandbox.world.shops.map((shop) => shop.key).join(', ')}`)
  )
}

function findTrade(sandbox: Sandbox, tid: string): Trade {
  for (const shop of sandbox.world.shops) {
    const trade = shop.trades.get(tid)
    if (trade !== undefined) return trade
  }
  return fail(`no trade ${tid}`)
}

function findRefund(sandbox: Sandbox, id: string): Refund {
  for (const shop of sandbox.world.shops) {
    const refund = shop.refunds.get(id)
    if (refund !== undefined) return refund
  }
  return fail(`no refund ${id}`)
}

function always(act: () => void): boolean {
  act()
  return true
}

function json(value: unknown, status = 200): Outcome {
  return answer(JSON.stringify(value), undefined, status)
}

const NDJSON = 'application/x-ndjson;charset=UTF-8'
