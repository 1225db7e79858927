-- The rules of the audit as one would write them by hand, for histories of 2023 to 2026: limits are
-- constants, dates have times, and no two answers in a thread have one instant. Contacts,
-- obligations, exposure and the state of check-ins; not their sentences and ids, what messages say,
-- the checklist of claims, calls and broken rules.
set threads = 2;
set preserve_insertion_order = false;
set timezone = 'UTC';
create macro now_() as timestamptz '{as_of}';
create macro seen(moment) as case when moment <= now_() then moment end;
create macro verdict(due, done) as case
    when done is not null then if(done <= due, 'met', 'late')
    else if(now_() <= due, 'open', 'missed') end;

create temp table m as
select message_id, thread_id, order_id, account, marketplace, sent_at, sender, topic, automated, undelivered,
       no_response_needed
from read_parquet('{source}/messages.parquet') where sent_at <= now_();

create temp table o as
select order_id, account, marketplace, fulfillment, purchased_at, latest_ship_at, promised_by, total, tracking_id,
       seen(shipped_at) as shipped_at, seen(delivered_at) as delivered_at, seen(canceled_at) as canceled_at,
       case when canceled_at <= now_() then canceled_by end as canceled_by,
       case when (status = 'canceled' and canceled_at > now_()) or (status = 'shipped' and shipped_at > now_()) then null
            else status end as status
from read_parquet('{source}/orders.parquet')
where not coalesce(least(purchased_at, shipped_at, delivered_at, canceled_at) > now_(), false);

create temp table r as
select return_id, order_id, account, requested_at, seen(authorized_at) as authorized_at,
       case when authorized_at is null or authorized_at <= now_() then authorized_by end as authorized_by,
       seen(refunded_at) as refunded_at, seen(closed_at) as closed_at
from read_parquet('{source}/returns.parquet') where requested_at <= now_();

create temp table c as
select claim_id, order_id, account, filed_at, respond_by, seen(responded_at) as responded_at
from read_parquet('{source}/claims.parquet') where filed_at <= now_();

create temp table p as
select order_id, account, started_at from read_parquet('{source}/calls.parquet') where started_at <= now_();

create temp table answers as
select message_id, thread_id, order_id, account, sent_at from m
where sender = 'seller' and not automated and not undelivered;

create temp table paired as
select q.message_id, q.thread_id, q.order_id, q.account, q.marketplace, q.sent_at, q.topic,
       q.sent_at + interval 24 hour as due_at, a.sent_at as answered_at, a.message_id as answered_by,
       if(q.no_response_needed, 'waived', verdict(q.sent_at + interval 24 hour, a.sent_at)) as status
from (select * from m where sender = 'buyer') q
asof left join answers a on q.account = a.account and q.thread_id = a.thread_id and a.sent_at >= q.sent_at;

create temp table late as select * from paired where status not in ('met', 'waived');
create temp table excused as
with auto as (select account, thread_id, sent_at from m where sender = 'seller' and automated),
     lost as (select account, thread_id, sent_at from m where sender = 'seller' and undelivered)
select l.message_id, l.account,
       case when auto.sent_at <= l.due_at then 'automated'
            when lost.sent_at <= l.due_at then 'undelivered'
            when p.started_at <= l.due_at then 'call_only' end as why_not
from late l
asof left join auto on l.account = auto.account and l.thread_id = auto.thread_id and auto.sent_at >= l.sent_at
asof left join lost on l.account = lost.account and l.thread_id = lost.thread_id and lost.sent_at >= l.sent_at
asof left join p on l.account = p.account and l.order_id = p.order_id and p.started_at >= l.sent_at;

create temp table contacts as
select paired.*, (epoch_us(answered_at) - epoch_us(sent_at)) / 3.6e9 as response_hours,
       status <> 'waived' and row_number() over (
           partition by paired.account, thread_id, answered_by, status = 'waived' order by sent_at, message_id) = 1 as counted,
       why_not
from paired left join excused using (account, message_id);

create temp table requests as
with mails as (
    select * from m where sender = 'buyer' and topic = 'return' and not no_response_needed and order_id is not null
      and not exists (select 1 from r where r.account = m.account and r.order_id = m.order_id
                      and r.requested_at between m.sent_at - interval 7 day and m.sent_at + interval 7 day)),
firsts as (
    select *, lag(sent_at) over (partition by account, order_id order by sent_at, message_id) as before from mails)
select return_id as trigger_id, null as thread_id, r.order_id, r.account, o.marketplace, requested_at as trigger_at,
       if(authorized_by = 'seller', authorized_at, null) as authorized_at, authorized_by, refunded_at, closed_at,
       coalesce(fulfillment = 'amazon', false) as aside
from r left join o using (account, order_id)
union all
select message_id, thread_id, f.order_id, f.account, f.marketplace, sent_at, null, null, null, null,
       coalesce(fulfillment = 'amazon', false)
from firsts f left join o using (account, order_id)
where before is null or sent_at > before + interval 7 day;

create temp table returned as
select t.*, if(authorized_at >= trigger_at, authorized_at, null) as authorized, if(refunded_at >= trigger_at, refunded_at, null) as refunded,
       if(closed_at >= trigger_at, closed_at, null) as closed, a.sent_at as written, a.message_id as written_by
from requests t asof left join answers a on t.account = a.account and t.order_id = a.order_id and a.sent_at >= t.trigger_at;

create temp table problems as
with wrong as (
    select 'late_shipment' as problem, latest_ship_at as trigger_at, o.* from o
    where latest_ship_at < now_() and (shipped_at is null or shipped_at > latest_ship_at)
      and not coalesce(canceled_at <= latest_ship_at, false) and not (coalesce(status, '') = 'canceled' and canceled_at is null)
    union all
    select 'late_delivery', promised_by, o.* from o
    where promised_by < now_() and shipped_at is not null
      and (delivered_at > promised_by or (delivered_at is null and tracking_id is not null))
    union all
    select 'out_of_stock', canceled_at, o.* from o where canceled_at < now_() and canceled_by = 'seller'),
told as (
    select w.*, a.sent_at as satisfied_at, a.message_id as satisfied_by
    from wrong w asof left join answers a
    on w.account = a.account and w.order_id = a.order_id and a.sent_at >= w.trigger_at - interval 72 hour)
select t.*, q.sent_at as asked_at
from told t asof left join (select account, order_id, sent_at from m where sender = 'buyer') q
on t.account = q.account and t.order_id = q.order_id and q.sent_at >= t.trigger_at - interval 72 hour;

create temp table obligations as
select 'inquiry' as kind, null as problem, order_id, thread_id, account, marketplace, message_id as trigger_id,
       sent_at as trigger_at, due_at, answered_at as satisfied_at, answered_by as satisfied_by, status, null as proactive
from contacts where counted or status = 'waived'
union all
select 'return', null, order_id, thread_id, account, marketplace, trigger_id, trigger_at, trigger_at + interval 48 hour,
       if(aside, null, least(written, authorized, refunded, closed)),
       case when aside then null
            when written = least(written, authorized, refunded, closed) then written_by
            when authorized = least(written, authorized, refunded, closed) then 'authorization'
            when refunded = least(written, authorized, refunded, closed) then 'refund'
            when closed is not null then 'closure' end,
       case when aside then 'not_applicable' when authorized_by = 'amazon' then 'waived'
            else verdict(trigger_at + interval 48 hour, least(written, authorized, refunded, closed)) end, null
from returned
union all
select 'order_problem', problem, order_id, null, account, marketplace, order_id, trigger_at, trigger_at + interval 24 hour,
       if(fulfillment = 'amazon', null, satisfied_at), if(fulfillment = 'amazon', null, satisfied_by),
       if(fulfillment = 'amazon', 'not_applicable', verdict(trigger_at + interval 24 hour, satisfied_at)),
       if(fulfillment = 'amazon', null, satisfied_at is not null and (asked_at is null or satisfied_at < asked_at))
from problems
union all
select 'claim', null, d.order_id, null, d.account, o.marketplace, claim_id, filed_at, due,
       least(responded_at, written),
       case when responded_at = least(responded_at, written) then 'claim_response' else written_by end,
       verdict(due, least(responded_at, written)), null
from (select c.*, coalesce(respond_by, filed_at + interval 72 hour) as due, a.sent_at as written, a.message_id as written_by
      from c asof left join answers a on c.account = a.account and c.order_id = a.order_id and a.sent_at >= c.filed_at) d
left join o using (account, order_id);

create temp table silent as
select distinct account, order_id from (
    select account, order_id, sent_at, answered_at from contacts where status <> 'waived' and order_id is not null
    union all
    select account, order_id, trigger_at, satisfied_at from obligations
    where kind = 'return' and thread_id is null and status not in ('waived', 'not_applicable'))
where sent_at < now_() - interval 72 hour and (answered_at is null or answered_at > now_());

create temp table exposure as
with failed as (
    select account, order_id, bool_or(kind = 'inquiry') as i, bool_or(kind = 'return') as t,
           bool_or(kind = 'order_problem') as b, bool_or(kind = 'claim') as f
    from obligations where status in ('late', 'missed') and order_id is not null group by all),
asked as (
    select account, order_id, min(moment) as first_at from (
        select account, order_id, sent_at as moment from m where sender = 'buyer'
        union all select account, order_id, requested_at from r) group by all)
select o.order_id, o.account, coalesce(promised_by, delivered_at, shipped_at, purchased_at) + interval 90 day as claim_window_ends_at,
       first_at + interval 48 hour as claimable_from, s.order_id is not null as auto_lost, total as exposure,
       concat_ws(',', if(i, 'inquiry', null), if(t, 'return', null), if(b, 'order_problem', null), if(f, 'claim', null)) as reasons
from o join failed using (account, order_id) left join asked using (account, order_id)
left join silent s using (account, order_id) anti join c using (account, order_id)
where fulfillment <> 'amazon' and coalesce(promised_by, delivered_at, shipped_at, purchased_at) + interval 90 day > now_();

create temp table check_ins as
with stands as (
    select account, order_id, filed_at as begun, null::timestamptz as over from c
    union all select account, order_id, requested_at, least(refunded_at, closed_at) from r
    union all
    select account, order_id, trigger_at,
           if(kind in ('inquiry', 'return'), satisfied_at, least(satisfied_at, due_at + interval 1 microsecond))
    from obligations where order_id is not null and status not in ('waived', 'not_applicable')
      and not coalesce(satisfied_at <= trigger_at, false)),
d as (select order_id, account, delivered_at, least(now_(), delivered_at + interval 30 day) as moment from o where delivered_at is not null),
blocked as (
    select distinct d.account, d.order_id from d join stands using (account, order_id)
    where begun <= moment and (over is null or moment < over))
select d.order_id, d.account,
       case when blocked.order_id is not null then 'blocked'
            when now_() < delivered_at + interval 5 day then 'too_early'
            when now_() <= delivered_at + interval 30 day then 'due' else 'skipped' end as state,
       delivered_at + interval 5 day as from_at, delivered_at + interval 30 day as to_at
from d left join blocked using (account, order_id);

copy contacts to '{target}/contacts.parquet';
copy obligations to '{target}/obligations.parquet';
copy exposure to '{target}/exposure.parquet';
copy check_ins to '{target}/check_ins.parquet';
