import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../credential-fields.ts'

export const credentials = Type.Object({
  appId: Type.String({ title: 'AppID', description: 'App id', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  apiUrl: addressField('https://api.weixin.qq.com/', '接口地址', 'API address'),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  return {
    appId: stored.appId ?? '',
    appSecret: stored.appSecret ?? '',
    apiUrl: valueOr(stored.apiUrl, credentials.properties.apiUrl),
  }
}
