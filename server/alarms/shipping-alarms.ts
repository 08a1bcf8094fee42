import { hourMs } from '../lib/time.ts'
import {
  type LateRows,
  parcelsToStop,
  shipByNear,
  uncheckedShipments,
  writeBackLate,
} from './alarm-queries.ts'
import { type Asked, figure, listed, shortNo, type Told } from './alarm-words.ts'

/** Before the ship-by time this is enough time to pack, or to repair a write-back. */
const nearMs = 4 * hourMs

function stopAlarm({ count, since, numbers, ids }: LateRows): Told[] {
  if (count === 0) return []
  const first = listed(numbers.map(shortNo), count)
  return [
    {
      id: 'parcels_to_stop',
      kind: 'parcels_to_stop',
      tone: 'bad',
      since,
      count,
      ids,
      title: {
        zh: `${figure(count)} 个包裹要拦`,
        en: `${figure(count)} ${count === 1 ? 'parcel' : 'parcels'} to stop`,
      },
      detail: {
        zh: `${first.zh}，退款了，还在路上或仓库里`,
        en: `${first.en}; money is asked back, and they are on their way`,
      },
      remedy: 'stop_parcels',
      act: { zh: '去拦', en: 'Go and stop them' },
      to: `/intercepts?tab=all&ids=${ids.join(',')}`,
    },
  ]
}

/** A warning for unchecked shipments. The refund check is repeated every twenty seconds, so the user has to do nothing yet. */
function uncheckedAlarm({ count, since, numbers, ids }: LateRows): Told[] {
  if (count === 0) return []
  const first = listed(numbers.map(shortNo), count)
  return [
    {
      id: 'parcels_unasked',
      kind: 'parcels_unasked',
      tone: 'warn',
      since,
      count,
      ids,
      title: {
        zh: `${figure(count)} 个包裹没核退款就发了`,
        en: `${figure(count)} ${count === 1 ? 'parcel' : 'parcels'} left without asking for refunds`,
      },
      detail: {
        zh: `${first.zh}，平台没有回答，一直在问；有退款马上拦`,
        en: `${first.en}; the platform did not answer and is asked again; a refund begins an intercept`,
      },
      remedy: 'see_deliveries',
      act: { zh: '看包裹', en: 'See them' },
      to: '/deliveries?tab=shipped&unasked=waiting',
    },
  ]
}

/** Returns the alarms about shipping: parcels to stop, unchecked shipments, and orders and write-backs whose ship-by time is near. */
export async function shippingAlarms({ db, scope, now }: Asked): Promise<Told[]> {
  const near = await shipByNear(db, scope, nearMs)
  const late = await writeBackLate(db, scope, nearMs)
  const told: Told[] = [
    ...stopAlarm(await parcelsToStop(db, scope)),
    ...uncheckedAlarm(await uncheckedShipments(db, scope)),
  ]
  if (late.count > 0) {
    const numbers = listed(late.numbers.map(shortNo), late.count)
    told.push({
      id: 'write_back_late',
      kind: 'write_back_late',
      tone: 'bad',
      since: late.since && late.since < now ? late.since : null,
      count: late.count,
      ids: late.ids,
      title: {
        zh: `${figure(late.count)} 单发了货没回写，时限快到`,
        en: `${figure(late.count)} shipped but not written back, time is short`,
      },
      detail: {
        zh: `${numbers.zh}，平台看不到发货会判迟发`,
        en: `${numbers.en}; the platform does not see them shipped and will fine them`,
      },
      remedy: 'see_deliveries',
      act: { zh: '去回写', en: 'Go and write back' },
      to: `/deliveries?tab=shipped&writeBack=waiting,failed&shipByTo=${encodeURIComponent(new Date(now.getTime() + nearMs).toISOString())}&sort=shipBy`,
    })
  }
  if (near.count > 0) {
    const numbers = listed(near.numbers.map(shortNo), near.count)
    told.push({
      id: 'ship_by_near',
      kind: 'ship_by_near',
      tone: 'warn',
      since: near.since && near.since < now ? near.since : null,
      count: near.count,
      ids: near.ids,
      title: {
        zh: `${figure(near.count)} 单 4 小时内要发货`,
        en: `${figure(near.count)} to ship within 4 h`,
      },
      detail: { zh: `${numbers.zh}，还没有发出`, en: `${numbers.en}; not shipped yet` },
      remedy: 'see_orders',
      act: { zh: '去发货', en: 'Go and ship' },
      to: `/orders?tab=all&ids=${near.ids.join(',')}`,
    })
  }
  return told
}
