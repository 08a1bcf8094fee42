import type { CourierNames } from '../couriers.ts'
import { guessedCouriers } from './unverified.ts'

/** logisticsName, which has no codes: the names that clients of the platform sent, as they were then. */
export const logisticsNames: CourierNames = {
  SF: '顺丰速运',
  YTO: '圆通速递',
  ZTO: '中通速递',
  STO: '申通快递',
  YUNDA: '韵达快运',
  EMS: '邮政EMS',
  TTKDEX: '天天快递',
  ZJS: '宅急送',
  EYB: 'E邮宝',
  ...guessedCouriers,
}
