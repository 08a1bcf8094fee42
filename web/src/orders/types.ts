import type { Static } from 'typebox'
import type { ExtraRefundView } from '../../../server/finance/contract.ts'
import type { BlacklistRow as Blacklisted } from '../../../server/orders/buyers/contract.ts'
import type { giftDryRun, giftRule, giftRules } from '../../../server/orders/gifts/contract.ts'
import type { OrderRow as Row } from '../../../server/orders/list/contract.ts'
import type { mergeSuggestion } from '../../../server/orders/merge/merge-contract.ts'
import type { OrderStatus } from '../../../server/orders/order/lifecycle.ts'
import type {
  checkList,
  confirmRule,
  dryRunAnswer,
  shopRules,
} from '../../../server/orders/review/desk-contract.ts'
import type {
  choiceDryRun,
  choiceRules,
  courierRule,
  warehouseRule,
} from '../../../server/orders/sourcing/choice-contract.ts'
import type { splitPlanAnswer } from '../../../server/orders/split/split-contract.ts'
import type { OrderDetail as Detail } from '../../../server/orders/view/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type { OrderStatus }
export type OrderRow = Json<Row>
export type OrderDetail = Json<Detail>
export type OrderLine = OrderDetail['lines'][number]
export type OrderEvent = OrderDetail['events'][number]
export type ExtraRefundRow = Json<ExtraRefundView>
export type CheckRow = Json<Static<typeof checkList>>['rows'][number]
export type RuleRow = Json<Static<typeof confirmRule>>
export type ShopRules = Json<Static<typeof shopRules>>
export type DryRun = Json<Static<typeof dryRunAnswer>>
export type WarehouseRuleRow = Json<Static<typeof warehouseRule>>
export type CourierRuleRow = Json<Static<typeof courierRule>>
export type ChoiceRules = Json<Static<typeof choiceRules>>
export type ChoiceDryRun = Json<Static<typeof choiceDryRun>>
export type GiftRuleRow = Json<Static<typeof giftRule>>
export type GiftRules = Json<Static<typeof giftRules>>
export type GiftDryRun = Json<Static<typeof giftDryRun>>
export type MergeRow = Json<Static<typeof mergeSuggestion>>
export type SplitPlan = Json<Static<typeof splitPlanAnswer>>
export type BlacklistRow = Json<Blacklisted>
