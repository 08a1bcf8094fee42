/** The fields of the methods that do not return all of them, from the official API metadata; the detail method returns all. */
export interface Known {
  trade: ReadonlySet<string>
  order: ReadonlySet<string>
}

const words = (text: string) => new Set(text.split(' '))

/** The fields of taobao.trades.sold.get and its increments: no memo, no message text, no promotions. */
export const LIST_FIELDS: Known = {
  trade: words(
    'tid tid_str sid seller_nick buyer_nick buyer_open_uid title type created seller_rate buyer_rate status payment discount_fee adjust_fee post_fee total_fee pay_time end_time modified consign_time received_payment commission_fee buyer_area pic_path num_iid price cod_fee cod_status shipping_type num point_fee real_point_fee buyer_obtain_point_fee receiver_name receiver_country receiver_state receiver_city receiver_district receiver_town receiver_address receiver_zip receiver_mobile receiver_phone seller_flag is_lgtype is_brand_sale is_force_wlb has_buyer_message credit_card_fee trade_from step_trade_status step_paid_fee mark_desc has_yfx send_time seller_can_rate is_part_consign is_wt is_daixiao zero_purchase delivery_time',
  ),
  order: words(
    'oid oid_str title pic_path price num_iid sku_id outer_iid outer_sku_id refund_status status total_fee payment discount_fee adjust_fee divide_order_fee part_mjz_discount sku_properties_name num buyer_rate seller_rate refund_id seller_type cid end_time consign_time shipping_type logistics_company invoice_no is_daixiao is_www store_code is_service_order',
  ),
}

/** The fields of taobao.trade.get: no receiver. */
export const LITE_FIELDS: Known = {
  trade: words(
    'tid tid_str sid seller_nick buyer_nick buyer_open_uid title type created seller_rate buyer_rate status payment discount_fee adjust_fee post_fee total_fee pay_time end_time modified consign_time received_payment commission_fee seller_memo alipay_no buyer_message pic_path num_iid price cod_fee cod_status shipping_type num point_fee real_point_fee buyer_obtain_point_fee is_daixiao is_wt',
  ),
  order: words(
    'oid oid_str title pic_path price num_iid sku_id refund_status status total_fee payment discount_fee adjust_fee divide_order_fee part_mjz_discount sku_properties_name num outer_sku_id outer_iid buyer_rate seller_rate seller_type is_daixiao is_www store_code',
  ),
}
