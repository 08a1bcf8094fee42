import type {
  WaveDetail as Detail,
  WaveRule as Rule,
  WaveView,
} from '../../../../server/fulfilment/waves/contract.ts'
import type { Json } from '../../ui/base/json.ts'

export type Wave = Json<WaveView>
export type WaveDetail = Json<Detail>
export type WaveRule = Json<Rule>
