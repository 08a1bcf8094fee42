import { cainiaoPrintClient } from './cainiao/print-client-contract.ts'
import { doudianPrintClient } from './doudian/print-client-contract.ts'
import { kuaishouPrintClient } from './kuaishou/print-client-contract.ts'
import { pinduoduoPrintClient } from './pinduoduo/print-client-contract.ts'
import type { PrintProtocol } from './print-protocol-contract.ts'
import { weixinPrintClient } from './weixin/print-client-contract.ts'
import { xiaohongshuPrintClient } from './xiaohongshu/print-client-contract.ts'

/** The print clients by the id of their source: one line each. The page's security policy allows their addresses. */
export const printClients = {
  cainiao: cainiaoPrintClient,
  pinduoduo: pinduoduoPrintClient,
  doudian: doudianPrintClient,
  weixin: weixinPrintClient,
  kuaishou: kuaishouPrintClient,
  xiaohongshu: xiaohongshuPrintClient,
} as const satisfies Readonly<Record<string, PrintProtocol>>
