"""The templates of jinja.json: run make_fixtures.py after a change. Each is rendered in the environments that `envs` names."""

CONTEXT = {
    "name": "Ada", "n": 7, "neg": -3, "f": 2.5, "big": 12345678901234567890, "yes": True, "no": False, "nothing": None, "empty": "",
    "text": "  Grüße, Welt  ", "emoji": "a😀b😀c", "quote": "it's \"so\"", "lines": "one\ntwo\n\nthree\n", "words": "the quick  brown fox",
    "items": [3, 1, 2], "names": ["beta", "Alpha", "gamma", "alpha"], "nested": [[1, 2], [3, [4, 5]]], "mixed": [1, "1", 1.0, True, None, [], {}],
    "d": {"b": 1, "A": 2, "c": [1, 2], "items": "shadow", "key with space": "x"}, "emptylist": [], "emptydict": {},
    "people": [{"name": "Ann", "age": 31, "tags": ["x"]}, {"name": "bob", "age": 25, "tags": []}, {"name": "Cid", "age": 31}],
    "tree": [{"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": [{"v": 4, "kids": []}]}]}, {"v": 5, "kids": []}],
    "html": "<a href='x'>&\"</a>", "num": "42", "hex": "0x1F", "fl": "3.75", "padded": " 12 ", "long": "word " * 60,
    "choices": {"text": ["red", "green", "blue", "black"], "label": ["A", "B", "C", "D"]}, "answerKey": "C", "question": " What? ",
}

EXPRESSIONS = r"""
name
n
neg
f
big
yes
no
nothing
missing
missing.attr
missing['x']
d.missing
d.missing.deeper
d['missing']
1
007
0
1_000
0x1f
0b101
0o17
1.5
1e3
1.5e-7
1e16
1e15
123456789012345680.0
0.1 + 0.2
1e300 * 1e10
-1e300 * 1e10
100.0
1/3
2/1
7//2
-7//2
7//-2
7 % 3
-7 % 3
7 % -3
7.5 // 2
-7.5 // 2
7.5 % 2
-7.5 % 2
2 ** 10
2 ** -1
2 ** 0.5
2 ** 3 ** 2
-2 ** 2
1 + 2 * 3
(1 + 2) * 3
1 - 2 - 3
'a' ~ 1 ~ none ~ 2.0 ~ true ~ missing
'a' + 'b'
'a' 'b' "c"
'a' + 1
1 + 'a'
'ab' * 3
3 * 'ab'
'ab' * -1
[1] * 3
[1, 2] + [3]
(1, 2) + (3,)
[1] + (2,)
none + 1
missing + 1
true + 1
1 / 0
1 % 0
1 // 0
1.0 / 0
'%s is %d' % ('x', 3)
'%s' % 'x'
'%05.1f|%-5s|%5s|%x|%r' % (3.14159, 'a', 'b', 255, 'q')
'%d%%' % 5
'%(a)s' % {'a': 1}
'%s %s' % ('x',)
+n
-n
-f
- - n
not n
not not n
not missing
1 == 1.0
1 == true
'1' == 1
[1, 2] == [1, 2]
[1, 2] == (1, 2)
{'a': 1} == {'a': 1.0}
none == none
missing == missing
missing == none
missing == 0
1 != 2
1 < 2 < 3
1 < 3 < 2
'a' < 'b'
'Z' < 'a'
[1, 2] < [1, 3]
1 < 'a'
none < 1
missing < 1
1 in items
9 in items
9 not in items
'A' in d
'b' in 'abc'
'' in 'abc'
1 in 'abc'
'x' in missing
1 in none
not 1 in items
1 and 2
0 and 2
0 or 'x'
'' or 0 or none
1 or missing.x
yes and no or n
'a' if yes else 'b'
'a' if no else 'b'
'a' if no
('a' if no) is defined
'a' if no else 'b' if no else 'c'
items
names
nested
mixed
d
quote
lines
emoji
text
(1,)
()
(1, 'a', none)
[1, 'a', none, 2.0, true, [missing]]
{'a': 1, 2: 'b', none: [], true: 1.5}
{1: 'a', 1.0: 'b', true: 'c'}
{'a': 1}['a']
{[]: 1}
[1, 2, 3,]
{'a': 1,}
range(5)
range(5)|list
range(1, 10, 3)|list
range(5, 0, -2)|list
range(0)|list
range(3)[1]
range(5)[1:3]
range(1, 2, 0)
range(100001)
items[0]
items[-1]
items[5]
items[5] is defined
items['x']
items[1:]
items[:-1]
items[::-1]
items[::2]
items[10:]
items[-2:]
items[1:1]
items[5:1:-1]
items[::0]
'abcdef'[1:4]
'abcdef'[::-1]
'abcdef'[-1]
'abcdef'[10]
'abcdef'[1:'x']
emoji[1]
emoji[1:3]
emoji|length
emoji[::-1]
emoji.find('b')
emoji.index('c')
nested[1][1][0]
nested.1.0
d.b
d['b']
d['key with space']
d.items
d['items']
d.get('b')
d.get('zz')
d.get('zz', 9)
d.keys()|list
d.values()|list
d.items()|list
d.items()|length
d.nokey()
d.get
name.upper()
name.nomethod
name.nomethod()
name()
none.x
n.x
n()
text.strip()
text.lstrip()
text.rstrip()
'xxaxx'.strip('x')
'xyaxy'.strip('yx')
'a,b,,c'.split(',')
'a,b,,c'.split(',', 1)
'a,b,,c'.rsplit(',', 1)
' a  b c '.split()
' a  b c '.split(none, 1)
' a  b c '.rsplit(none, 1)
''.split()
''.split(',')
'abc'.split('')
lines.splitlines()
lines.splitlines(true)
'a-b-c'.partition('-')
'a-b-c'.rpartition('-')
'abc'.partition('-')
','.join(names)
','.join([1, 2])
','.join('abc')
'abcabc'.replace('b', 'X')
'abcabc'.replace('b', 'X', 1)
'abc'.replace('', '-')
'abc'.replace('', '-', 2)
'abc'.startswith('ab')
'abc'.startswith(('x', 'a'))
'abc'.endswith('bc')
'abc'.find('c')
'abc'.find('z')
'abcabc'.rfind('b')
'abc'.find('c', 1, 2)
'abc'.index('z')
'banana'.count('an')
'banana'.count('')
'hello wORLD it\'s'.title()
'hello wORLD'.capitalize()
'Hello'.swapcase()
'straße'.upper()
'ǆ'.title()
'abc'.center(10)
'abc'.center(9, '*')
'ab'.center(5)
'abc'.ljust(6) ~ '|'
'abc'.rjust(6, '.')
'-42'.zfill(6)
'42'.zfill(6)
'abc'.isdigit()
'123'.isdigit()
'abc1'.isalnum()
'abc'.isalpha()
' '.isspace()
'ABC'.isupper()
'AbC'.isupper()
'abc'.islower()
''.isupper()
'TestHook'.removeprefix('Test')
'TestHook'.removesuffix('Hook')
items.index(2)
items.index(9)
items.count(1)
names|length
name|upper
name|lower
'hello world-foo (bar) it\'s'|title
'hELLO'|capitalize
text|trim
'xxaxx'|trim('x')
none|trim
missing|trim
missing|upper
n|trim
n|string
n|upper
items|join
items|join(', ')
items|join(name)
people|join(', ', attribute='name')
names|first
names|last
emptylist|first
emptylist|last
emptylist|first is defined
'abc'|first
'abc'|last
d|first
d|list
'abc'|list
emoji|list
nothing|list
missing|list
d|length
missing|length
n|length
names|count
names|sort
names|sort(reverse=true)
names|sort(case_sensitive=true)
items|sort
mixed|sort
people|sort(attribute='age')|map(attribute='name')|list
people|sort(attribute='age,name')|map(attribute='name')|list
people|map(attribute='name')|list
people|map(attribute='missing')|list
people|map(attribute='missing', default='-')|list
people|map(attribute='tags.0')|list
names|map('upper')|list
names|map('replace', 'a', 'o')|list
names|map('nofilter')|list
names|map('upper')|join(' ')
names|map('upper')|length
names|map('upper') is iterable
names|map('upper') is sequence
names|map()
items|select|list
mixed|select|list
items|select('odd')|list
items|select('gt', 1)|list
items|reject('equalto', 1)|list
items|reject('odd')|list
people|selectattr('age', 'eq', 31)|map(attribute='name')|list
people|selectattr('tags')|map(attribute='name')|list
people|rejectattr('tags')|map(attribute='name')|list
people|selectattr('tags', 'defined')|map(attribute='name')|list
people|selectattr('name', 'in', ['Ann', 'Cid'])|map(attribute='name')|list
d|dictsort
d|dictsort(true)
d|dictsort(by='key', reverse=true)
{'x': 3, 'y': 1}|dictsort(by='value')
{'x': 3, 'y': 1}|dictsort(false, 'value')
{'x': 3}|dictsort(by='z')
items|dictsort
missing|dictsort
{'a': 1, 2: 3}|dictsort
d|items|list
missing|items|list
items|items
items|sum
people|sum(attribute='age')
items|sum(start=10)
emptylist|sum
names|sum
items|max
items|min
names|min
names|max(case_sensitive=true)
people|max(attribute='age')
emptylist|max
names|unique|list
names|unique(true)|list
people|unique(attribute='age')|map(attribute='name')|list
[1, 1.0, true, 2]|unique|list
items|reverse|list
'abc'|reverse
names|reverse|first
names|batch(2)|list
names|batch(3, '-')|list
names|slice(3)|list
names|slice(3, '-')|list
people|groupby('age')|map(attribute=0)|list
people|groupby('age')|map('first')|list
-5|abs
-5.5|abs
'x'|abs
3.14159|round(2)
2.5|round
3.5|round
2.675|round(2)
0.125|round(2)
42|round
42.55|round(1, 'floor')
42.55|round(1, 'ceil')
1234.5|round(-2)
f|int
'42'|int
' 42 '|int
'4.7'|int
'abc'|int
'abc'|int(5)
'0x1f'|int(0, 16)
'1f'|int(base=16)
'1_000'|int
none|int
none|int(-1)
true|int
items|int(3)
missing|int
'3.5'|float
'abc'|float
'abc'|float(1.5)
'1e3'|float
'inf'|float
'nan'|float
n|float
missing|default('x')
missing|d('x')
nothing|default('x')
nothing|default('x', true)
empty|default('x', boolean=true)
missing|default
missing.x|default('y')
d.zz|default('y')
name|replace('d', 'DD')
'aaa'|replace('a', 'b', 2)
n|replace(7, 8)
html|e
html|escape
html|safe
'%s-%s'|format('a', 1)
'%(x)s'|format(x=2)
lines|indent
lines|indent(2, true)
lines|indent(2, blank=true)
lines|indent('> ')
'abc'|center(9)
'foo bar baz qux'|truncate(9)
'foo bar baz qux'|truncate(9, true)
'foo bar baz qux'|truncate(11)
'foo bar baz qux'|truncate(11, false, '')
long|truncate(20)|length
'a b, c_d 12'|wordcount
words|wordcount
people|attr('x') is defined
1 is number
1.5 is number
true is number
'1' is number
1 is integer
true is integer
1.0 is integer
1.0 is float
1 is float
'x' is string
none is none
missing is none
missing is defined
missing is undefined
missing is not defined
name is defined
d.zz is defined
d.b is defined
items[9] is defined
d is mapping
items is mapping
items is sequence
'abc' is sequence
d is sequence
n is sequence
missing is sequence
items is iterable
'abc' is iterable
d is iterable
n is iterable
none is iterable
missing is iterable
range is callable
name is callable
true is boolean
1 is boolean
true is true
1 is true
false is false
3 is odd
4 is even
4 is odd
'x' is odd
9 is divisibleby 3
9 is divisibleby(3)
9 is divisibleby 2
3 is eq 3
3 is equalto(4)
3 is ne 4
3 is lt 4
3 is greaterthan 2
3 is le 3
3 is ge 4
3 is in [1, 2, 3]
3 is not in [1, 2, 3]
'b' is in 'abc'
none is sameas none
true is sameas(true)
1 is sameas true
'abc' is lower
'ABC' is upper
'Abc' is upper
'upper' is filter
'nope' is filter
'odd' is test
n is defined and n is number
not n is number
n is not number or yes
-1|abs
1 + 2|string
'a' ~ 'b'|upper
(1, 2)|join('-')
items|map('string')|join('+')
dict(a=1, b=2)
dict([('a', 1)], c=3)
dict({'x': 1})
namespace(a=1).a
namespace(a=1).b
joiner(', ')()
"a\nb\tc\\d\'e\"f"
'\x41\u00e9\U0001F600\101'
'\q'
'a\
b'
{'a': {'b': {'c': 1}}}.a.b.c
{'x': 1}.x + {'x': 2}.x
[[1, 2], [3, 4]]|map('sum')|list
[[1, 2], [3, 4]]|sum(start=[])
[3, 1, 2]|sort|reverse|list
['b', 'a']|sort|join
choices.text
choices.text[0]
choices.label.index(answerKey)
choices.text|length > 3
['a', 'b', 'c']|join(',')
(num|int) - 1
'ABCD'[num|int - 41]
'ABCD'[answerKey|int - 1] if answerKey|string in '1234' else answerKey
words.split(' ')[:-1]|join(' ')
' ' + words.split(' ')[-1]
answer.split('####')[-1].strip() if answer is defined else name
question.strip()
prompt if prompt is defined else text
missing is defined and missing.x
items | join ( ',' )
items|join(d=',')
items|join(',',',')
name|upper(1)
n|round(precision=1, method='floor')
[1,2,3][n-6]
''|default('a', true)|upper
-n ** 2
1 if 2 > 1 and not 3 > 4 else 0
[1, [2, [3, [4]]]]|string
'a'|upper~'b'|lower
1.0 == 1 and 1.0 is not sameas 1
0.1
1e-5
0.0001
123456789.123456789
1e22
-0.0
5e-324
1.7976931348623157e308
items is not none
'é'|length
'e\u0301'|length
'ÀÉ'|lower
"x" in ["x"] and "y" not in ["x"]
{'a': [1, {'b': (1, 2)}]}
[none, true, 'q\'s', "d\"q", 'b\\s', 'nl\n', '\x00\x7f\xa0\u200b😀é']
""".strip("\n")

BLOCKS = [
    "{% for i in items %}{{ i }},{% endfor %}",
    "{% for i in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
    "{% for i in items %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}",
    "{% for i in items %}{{ loop.previtem is defined }} {% endfor %}",
    "{% for i in items %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}",
    "{% for i in items if i > 1 %}{{ loop.index }}:{{ i }}/{{ loop.length }} {% endfor %}",
    "{% for i in items if i > 5 %}x{% else %}none{% endfor %}",
    "{% for i in emptylist %}x{% else %}none{% endfor %}",
    "{% for i in missing %}x{% else %}none{% endfor %}",
    "{% for i in none %}x{% endfor %}",
    "{% for i in n %}x{% endfor %}",
    "{% for c in 'abc' %}{{ c }}-{% endfor %}",
    "{% for k in d %}{{ k }};{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|items %}{{ k }};{% endfor %}",
    "{% for a, b in [[1, 2], [3, 4]] %}{{ a + b }} {% endfor %}",
    "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}",
    "{% for a, b in [1] %}{{ a }}{% endfor %}",
    "{% for i in 1, 2, 3 %}{{ i }}{% endfor %}",
    "{% for i in (1, 2) %}{% for j in (3, 4) %}{{ loop.index }}{{ i }}{{ j }} {% endfor %}{{ loop.index }}{% endfor %}",
    "{% for n in tree recursive %}{{ n.v }}{% if n.kids %}({{ loop(n.kids) }}){% endif %}{% endfor %}",
    "{% for n in tree recursive %}{{ loop.depth }}{{ loop.depth0 }}{% if n.kids %}[{{ loop(n.kids) }}]{% endif %}{% endfor %}",
    "{% for n in tree %}{{ loop(n.kids) }}{% endfor %}",
    "{% set x = 1 %}{% for i in items %}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(x=0) %}{% for i in items %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}",
    "{% set ns = namespace() %}{% set ns.y = 1 %}{{ ns.y }}{{ ns.z }}",
    "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns['b'] }}",
    "{% set d.x = 1 %}",
    "{% set missing.x = 1 %}",
    "{% for i in items %}{{ i }}{% endfor %}{{ i }}",
    "{% if yes %}{% set q = 1 %}{% endif %}{{ q }}",
    "{% if no %}a{% elif n == 7 %}b{% else %}c{% endif %}",
    "{% if no %}a{% elif nothing %}b{% else %}c{% endif %}",
    "{% if missing %}a{% endif %}b",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a, b = [1, 2, 3] %}",
    "{% set a = 1, 2 %}{{ a }}",
    "{% set t %}hi {{ name }}{% endset %}{{ t }}|{{ t|length }}",
    "{% set t | upper | trim %}  hi {{ name }} {% endset %}{{ t }}",
    "{% set t %}{% set inner = 1 %}{% endset %}{{ inner }}",
    "{% filter upper %}abc {{ name }}{% endfilter %}",
    "{% filter replace('a', 'b')|upper %}aaa{% endfilter %}",
    "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% with a = 1 %}{% with b = a %}{{ b }}{% endwith %}{% endwith %}",
    "{% set a = 5 %}{% with a = 1, b = a %}{{ b }}{% endwith %}",
    "{% macro m() %}x{% endmacro %}{{ m() }}{{ m() }}",
    "{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=5, a=6) }} {{ m(1, c=9) }}",
    "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m() %}{{ varargs|list }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{% endmacro %}{{ m(1, 2, 3) }}",
    "{% macro m(a) %}{{ m2(a) }}{% endmacro %}{% macro m2(b) %}<{{ b }}>{% endmacro %}{{ m(1) }}",
    "{% macro fact(n) %}{{ 1 if n < 2 else n * (fact(n - 1)|int) }}{% endmacro %}{{ fact(5) }}",
    "{% set g = 1 %}{% macro m() %}{{ g }}{% endmacro %}{% set g = 2 %}{{ m() }}",
    "{% macro m() %}{% set inner = 1 %}{% endmacro %}{{ m() }}{{ inner }}",
    "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}body {{ name }}{% endcall %}",
    "{% macro m(xs) %}{% for x in xs %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(v) m(items) %}({{ v }}){% endcall %}",
    "{% macro m() %}<{{ caller() }}>{% endmacro %}{{ m() }}",
    "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'a': 2}) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m.name }}",
    "{{ m() }}{% macro m() %}x{% endmacro %}",
    "{% for i in items %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}",
    "{% raw %}{{ x }}{% if %}{% endraw %}",
    "a {# comment {{ x }} #} b",
    "a {#- comment -#} b",
    "{#-#}a",
    "a  {{- name -}}  b",
    "a  {%- if yes -%}  b  {%- endif -%}  c",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc\n",
    "a\n  {%+ if yes %}\n  b\n  {%+ endif +%}\nc\n",
    "  {% if yes %}x{% endif %}  \n  y",
    "{% for i in items %}\n  {{ i }}\n{% endfor %}\n",
    "{% for i in items -%}\n  {{ i }}\n{%- endfor %}\n",
    "  {# c #}  \n  x {# d #}\ny",
    "x\n\n",
    "x\n",
    "a\r\nb\rc",
    "{% raw -%}  x  {%- endraw %}y",
    "a\n  {% raw %}\n x\n  {% endraw %}\nb",
    "{{ '{{' }}{{ '%}' }}",
    "{{ {'a': {'b': 1}}['a']['b'] }}",
    "{{ {} }}{{ [] }}{{ () }}",
    "{{ 1, 2 }}",
    "{{ (1) }}",
    "{{ [1, 2,\n 3] }}",
    "{% set x = {'a': [1, 2], 'b': {'c': none}} %}{{ x.a[1] }}{{ x.b.c }}",
    "{{ [x for x in items] }}",
    "{{ lambda x: x }}",
    "{{ 1 is 2 }}",
    "{{ a b }}",
    "{{ }}",
    "{% %}",
    "{{ 'unterminated }}",
    "{{ (1 }}",
    "{{ 1) }}",
    "{{ [1, 2 }}",
    "{% if yes %}x",
    "{% if %}x{% endif %}",
    "{% for x %}{% endfor %}",
    "{% for x in items %}x",
    "{% for x in items %}x{% endif %}",
    "{% else %}",
    "{% endfor %}",
    "{% nosuch %}",
    "{{ x|nosuch }}",
    "{{ x is nosuch }}",
    "{% set true = 1 %}",
    "{% set 1 = 2 %}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{{ f(a=1, 2) }}",
    "{# unclosed",
    "{{ unclosed",
    "{% unclosed",
    "{% raw %}unclosed",
    "{{ 1 is odd is even }}",
    "{{ ns.a.b.c }}",
    "{{ 5 }}{{ name }} {{ n }}",
    "{{ name }}\n{% if yes %}\nx\n{% endif %}\n{{ n }}\n",
    "{% for p in people %}{{ p.name }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for p in people|sort(attribute='name') %}{{ p['name'] }}{{ p.tags|default([])|length }} {% endfor %}",
    "{% for g, l in people|groupby('age') %}{{ g }}:{{ l|map(attribute='name')|join('+') }} {% endfor %}",
    "{% for i in range(3) %}{{ i }}{% endfor %}",
    "{% for i in range(n, 0, -3) %}{{ i }}{% endfor %}",
    "{% set ns = namespace(found=false) %}{% for i in items if i == 1 %}{% set ns.found = true %}{% endfor %}{{ 'yes' if ns.found else 'no' }}",
    "{% if name is string and name|length == 3 %}ok{% endif %}",
    "{% if items is iterable and items is not string %}ok{% endif %}",
    "{% set xs = items + [4] %}{{ xs|length }}{{ xs }}",
    "{% set x = 'a' %}{% set x = x ~ 'b' %}{{ x }}",
    "{% if 'x' in d %}a{% else %}b{% endif %}{% if 'b' in d %}c{% endif %}",
    "{{ 'a' if loop is defined else 'b' }}",
    "{% for i in items %}{{ loop }}{% break %}{% endfor %}",
    "{% for i in [1,2,3] %}{% for j in [i] %}{{ loop.length }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for x in [1, none, 2]|select %}{{ x }}{% endfor %}",
    "{%- set first = true -%}{%- for x in items -%}{%- if not loop.first %}, {% endif -%}{{ x }}{%- endfor -%}",
    "{{ items|tojson }}",
    "{{ html|tojson }}",
    "{{ d|tojson }}",
    "{{ d|tojson(indent=2) }}",
]

CHAT = [
    "{% for i in items %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in items %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in items %}{% for j in items %}{% break %}{% endfor %}{{ i }}{% endfor %}",
    "{% break %}",
    "{% if no %}{{ raise_exception('bad') }}{% endif %}ok",
    "{{ raise_exception('bad') }}",
    "{% generation %}\nx {{ name }}\n{% endgeneration %}\ny",
    "{{ items|tojson }}",
    "{{ html|tojson }}",
    "{{ text|tojson }}",
    "{{ emoji|tojson }}",
    "{{ emoji|tojson(ensure_ascii=true) }}",
    "{{ d|tojson }}",
    "{{ d|tojson(indent=2) }}",
    "{{ d|tojson(indent=0) }}",
    "{{ d|tojson(indent='\t') }}",
    "{{ nested|tojson(indent=1) }}",
    "{{ d|tojson(sort_keys=true) }}",
    "{{ d|tojson(separators=(',', ':')) }}",
    "{{ d|tojson(indent=2, separators=(',', ':')) }}",
    "{{ mixed|tojson }}",
    "{{ people|tojson(indent=4) }}",
    "{{ {}|tojson(indent=2) }}{{ []|tojson(indent=2) }}",
    "{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}",
    "{{ (1, 2)|tojson }}",
    "{{ 1.0|tojson }}{{ 1e20|tojson }}{{ 1e-7|tojson }}{{ big|tojson }}",
    "{{ '\\x00\\x1f\\x7f\\u2028'|tojson }}",
    "{{ missing|tojson }}",
    "{{ range|tojson }}",
    "{{ items.append(4) }}",
    "{{ d.update({'x': 1}) }}",
    "{{ d.pop('b') }}",
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ ''['__class__']['__base__'] }}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% do items %}",
    "a\n  {% if yes %}  \n  b\n  {% endif %}\nc",
    "    {%- if yes %}\n    x\n    {%- endif %}\n",
    "{{ name }}\n\n{% if yes %}\n\nx{% endif %}\n",
    "{% set x %}\n  y\n{% endset %}\n[{{ x }}]",
]
