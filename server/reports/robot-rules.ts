import type { LocalizedPair } from '../lib/localized-text.ts'

/** Server and pages both import this file: the short names of the group chats to which reports go. */
export const kindOfRobot: Readonly<Record<string, LocalizedPair>> = {
  dingtalk: ['钉钉', 'DingTalk'],
  wecom: ['企业微信', 'WeCom'],
  feishu: ['飞书', 'Feishu'],
}
