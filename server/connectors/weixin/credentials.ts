import { Type } from 'typebox'
import { addressField, optionalSecret, secretField, valueOr } from '../credential-fields.ts'

export const credentials = Type.Object({
  appId: Type.String({ title: 'AppID', description: 'App id', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  pushToken: optionalSecret('消息推送 Token（用推送时填）', 'Token of message push, for push'),
  pushKey: optionalSecret(
    '消息推送 EncodingAESKey（安全模式，用推送时填）',
    'EncodingAESKey of message push (safe mode)',
  ),
  apiUrl: addressField('https://api.weixin.qq.com/', '接口地址', 'API address'),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  return {
    appId: stored.appId ?? '',
    appSecret: stored.appSecret ?? '',
    pushToken: stored.pushToken ?? '',
    pushKey: stored.pushKey ?? '',
    apiUrl: valueOr(stored.apiUrl, credentials.properties.apiUrl),
  }
}
