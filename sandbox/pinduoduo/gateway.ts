import { answer, type Outcome, type Params } from '../http.ts'
import type { Sandbox } from '../state.ts'

export function popGateway(
  _sandbox: Sandbox,
  _verb: string,
  _type: string,
  _body: Buffer,
  _params: Params,
): Outcome {
  return answer(
    '{"error_response":{"error_code":10001,"error_msg":"公共参数错误:type","sub_msg":"","sub_code":null,"request_id":"1"}}',
  )
}
