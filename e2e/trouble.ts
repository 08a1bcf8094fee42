import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../sandbox/world/random.ts'
import type { House } from './day-house.ts'

/** The kinds of faults; each for one shop or all shops. */
const troubles: readonly (readonly [path: string, body: Record<string, unknown>])[] = [
  ['faults', { kind: 'limited', count: 2, seconds: 2 }],
  ['faults', { kind: 'limited', subCode: 'app-access-count', count: 1, seconds: 3 }],
  ['faults', { kind: 'isp', probability: 0.3, count: 40 }],
  ['faults', { kind: 'http', status: 502, probability: 0.3, count: 30 }],
  ['faults', { kind: 'reset', probability: 0.3, count: 30 }],
  ['faults', { kind: 'truncated', probability: 0.3, count: 30 }],
  ['faults', { kind: 'empty-list', probability: 0.5, count: 10 }],
  ['faults', { kind: 'garbage-body', probability: 0.3, count: 20 }],
  ['faults', { kind: 'timeout-after', method: 'taobao.refund.refuse', ms: 1500, count: 2 }],
  ['faults', { kind: 'timeout-after', method: 'taobao.rp.refunds.agree', ms: 1500, count: 2 }],
  ['faults', { kind: 'timeout-after', method: 'taobao.trade.memo.update', ms: 1500, count: 2 }],
  ['faults', { kind: 'reset', method: 'taobao.rp.*', count: 2 }],
  ['faults', { kind: 'slow', ms: 700, probability: 0.2, count: 20 }],
  ['faults', { kind: 'mutate', trades: 5, probability: 0.5, count: 20 }],
  ['faults', { kind: 'session-expired', probability: 0.2, count: 1 }],
]

/** Calls about parcels that take effect, and whose answer is lost. */
const unheard: readonly Record<string, unknown>[] = [
  { method: 'cainiao.waybill.ii.get' },
  { method: 'pdd.waybill.get' },
  { method: 'taobao.logistics.*' },
  { method: 'cainiao.waybill.ii.cancel' },
  { method: 'pdd.logistics.online.send' },
  { method: 'pdd.waybill.cancel' },
  { shop: 'kuaidi100' },
]

/** Injects the faults in turn, one every `everyMs`, until the signal. Every kind occurs in a day. */
export async function badDay(
  house: House,
  seed: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  const random = createRandom(`trouble/${seed}`)
  for (let turn = random.between(0, 10); !signal.aborted; turn += 1) {
    const shop = random.pick(house.shops).key
    const [path, body] = troubles[turn % troubles.length] ?? ['faults', {}]
    await house.control(path, { ...body, ...(random.chance(0.7) ? { shop } : {}) })
    const lost = unheard[turn % unheard.length]
    await house.control('faults', { kind: 'timeout-after', ms: 100, count: 1, ...lost })
    await house.control('touch', {
      shop,
      count: 40,
      modified: Math.floor(house.sandbox.world.clock.now() / 1000),
    })
    if (turn % 6 === 1)
      await house.control('peak', { shop, on: true, staleSeconds: 20, uneven: turn % 12 === 1, quota: 300 })
    if (turn % 6 === 4) await house.control('peak', { on: false })
    if (turn % 7 === 2) await house.control('hostile', { shop })
    if (turn % 9 === 4) await house.control('expire-session', { shop })
    await sleep(everyMs)
  }
  await house.control('DELETE faults')
}

/** Creates trades whose receiver the platform shows unmasked, as for applications inside its cloud. */
export async function openHearts(house: House): Promise<void> {
  const random = createRandom('open')
  for (const shop of house.shops.filter((one) => one.platform !== 'pinduoduo')) {
    for (let number = 0; number < 12; number += 1) {
      const receiver = {
        name: `欧阳${random.pick(['知夏', '明远', '清和', '若水'])}`,
        mobile: `139${random.between(10_000_000, 99_999_999)}`,
        address: `不存在的测试路${random.between(100, 999)}号${random.between(1, 30)}幢`,
      }
      const raw = (text: string) => JSON.stringify(text)
      await house.control('trades', {
        shop: shop.key,
        status: 'WAIT_SELLER_SEND_GOODS',
        type: 'fixed',
        receiver,
        garbage: {
          receiver_name: raw(receiver.name),
          receiver_mobile: raw(receiver.mobile),
          receiver_address: raw(receiver.address),
          buyer_nick: raw(`${receiver.name}的小店`),
        },
      })
    }
  }
}
