import { kindOfRobot } from '../../../server/reports/robot-rules.ts'
import {
  isThresholdFigure,
  type ThresholdFigure,
  thresholdName,
  thresholds,
} from '../../../server/reports/thresholds/threshold-rules.ts'
import type { LocalizedPair, Say } from '../words.ts'

export const everyNames = ['day', 'week', 'month'] as const
export type Every = (typeof everyNames)[number]
export const everyWords: Readonly<Record<string, LocalizedPair>> = {
  day: ['每天', 'Every day'],
  week: ['每周一', 'Every Monday'],
  month: ['每月 1 日', 'On the first'],
}
export const hours = Array.from({ length: 24 }, (_, hour) => String(hour))
export const hourText = (hour: number) => `${String(hour).padStart(2, '0')}:00`

export type Robot = { id: string; kind: string; name: string }

/** 企业微信：客服主管 */
export const robotText = ({ kind, name }: Robot, say: Say) =>
  say(['{kind}：{name}', '{kind}: {name}'], { kind: say(kindOfRobot[kind] ?? [kind, kind]), name })

/** Where a subscription goes. */
export function placeText(channel: string | null, robots: readonly Robot[], say: Say): string {
  if (channel === null) return say(['邮件：自己的邮箱', 'Mail: your own address'])
  const robot = robots.find(({ id }) => id === channel)
  return robot ? robotText(robot, say) : say(['群机器人已关或已删', 'The robot is off or removed'])
}

/** 退款率高于 */
export function sideWords(figure: ThresholdFigure): LocalizedPair {
  const [zh, en] = thresholdName(figure)
  return thresholds[figure].side === 'above' ? [`${zh}高于`, `${en} above`] : [`${zh}低于`, `${en} below`]
}

/** 任一店铺，按小时看，至少 20 笔付款交易 */
export function watchedText(
  row: { figure: string; hour: number; least: number },
  shop: string,
  say: Say,
): string {
  const { figure, hour, least } = row
  const counted = isThresholdFigure(figure) ? say(thresholds[figure].counted.words) : ''
  return [
    shop,
    hour === 0
      ? say(['按小时看', 'hourly'])
      : say(['{hour} 起按小时看', 'hourly from {hour}'], { hour: hourText(hour) }),
    ...(least > 0
      ? [say(['{counted}满 {n}', '{counted}: at least {n}'], { counted: counted.toLowerCase(), n: least })]
      : []),
  ].join(say(['，', ', ']))
}

export const stateWords: Readonly<Record<string, LocalizedPair>> = {
  sending: ['在发，或没发完', 'Being sent, or broken off'],
  sent: ['已发', 'Sent'],
  failed: ['没发出', 'Failed'],
}
export const errorWords: Readonly<Record<string, LocalizedPair>> = {
  forbidden: ['没有看报表的权限', 'No permission for reports'],
  no_mail_channel: ['告警通知里没有开着的邮件通道', 'No mail channel is on among the alarm notices'],
  no_robot: ['告警通知里这个群机器人关了或删了', 'This robot is off or removed among the alarm notices'],
}
