import { type PushState, pushStates, pushWords, silentAlarmMs } from '../intake/push-state.ts'
import { type Asked, listed, type Told } from './alarm-words.ts'

/**
 * Returns an alarm for each channel that has been silent for minutes, for shops whose platform refuses to send messages, and for shops of
 * which a list showed a trade without a message. Nothing is lost: their lists are read as often as without push.
 */
export async function pushAlarms({ db, scope, now }: Asked): Promise<Told[]> {
  const troubled = (await pushStates(db, scope)).filter((state) => isTroubled(state, now))
  return [...Map.groupBy(troubled, ({ channel, code }) => `${channel}:${code}`)].flatMap(([key, states]) => {
    const [first] = states
    return first ? [alarmOf(key, first, states)] : []
  })
}

function isTroubled({ code, since }: PushState, now: Date): boolean {
  // A merchant may choose not to set push up on the platform.
  if (code === 'live' || code === 'waiting' || code === 'not_set_up') return false
  return code !== 'silent' || (since !== null && now.getTime() - since.getTime() >= silentAlarmMs)
}

function alarmOf(key: string, first: PushState, states: readonly PushState[]): Told {
  const names = listed(states.map(({ shopName }) => shopName))
  const words = pushWords(first)
  return {
    id: `push_silent:${key}`,
    kind: 'push_silent',
    tone: 'warn',
    since: first.since,
    count: states.length,
    ids: states.map(({ shopId }) => shopId).slice(0, 200),
    shopId: states.length === 1 ? first.shopId : null,
    title: { zh: `${names.zh}：${words.zh}`, en: `${names.en}: ${words.en}` },
    detail: {
      zh: '订单不会丢，列表照常下载，只是慢一些；查平台的消息订阅和应用密钥，不用推送就在店铺页关掉',
      en: 'Nothing is lost: lists are downloaded as usual, only later; look at the topics and keys of the app on the platform, or switch push off on the shop’s page',
    },
    remedy: 'see_shop',
    act: { zh: '看店铺', en: 'See the shop' },
    to: `/shops/${first.shopId}`,
  }
}
