import { Type } from 'typebox'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { WithCredentials } from '../../shops/secrets.ts'
import type { ChannelKind } from './contract.ts'
import { robotHosts } from './robot-hosts.ts'

/**
 * The address of a robot has its key in it, and that of a program often too, so it is never shown again. `site`: any public host name is
 * allowed; `hosts` of the kind limits it.
 */
const secretAddress = (zh: string, en: string) => {
  const more = { pattern: '^https?://\\S+$', maxLength: 500, secret: true, site: true }
  return Type.String({ title: zh, description: en, ...more })
}

const robotSecret = (zh: string, en: string) =>
  Type.Optional(Type.String({ title: zh, description: en, maxLength: 200, secret: true }))

type Kind = WithCredentials & {
  name: LocalizedText
  /** The hosts of its robots. PLATFORM_HOSTS names further ones. Undefined: any public host. */
  hosts?: readonly string[]
}

export const kindOfChannel: Readonly<Record<ChannelKind, Kind>> = {
  dingtalk: {
    name: { zh: '钉钉群机器人', en: 'DingTalk robot' },
    hosts: robotHosts.dingtalk,
    credentials: Type.Object({
      address: secretAddress('Webhook 地址', 'Webhook address'),
      secret: robotSecret(
        '加签密钥（SEC 开头；用关键词“告警”的留空）',
        'Signing secret (SEC…); empty for one with the keyword 告警',
      ),
    }),
  },
  wecom: {
    name: { zh: '企业微信群机器人', en: 'WeCom robot' },
    hosts: robotHosts.wecom,
    credentials: Type.Object({ address: secretAddress('Webhook 地址', 'Webhook address') }),
  },
  feishu: {
    name: { zh: '飞书群机器人', en: 'Feishu robot' },
    hosts: robotHosts.feishu,
    credentials: Type.Object({
      address: secretAddress('Webhook 地址', 'Webhook address'),
      secret: robotSecret('签名校验密钥（没开的留空）', 'Signing secret; empty if it has none'),
    }),
  },
  webhook: {
    name: { zh: 'Webhook（发到自己的程序）', en: 'Webhook to a program of yours' },
    credentials: Type.Object({
      address: secretAddress('接收地址', 'Address'),
      secret: Type.String({
        title: '签名密钥（程序用它核对）',
        description: 'Signing secret, with which the program checks messages',
        minLength: 16,
        maxLength: 200,
        secret: true,
      }),
    }),
  },
}
