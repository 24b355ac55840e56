# Turn raw HH-RLHF rows into KTO rows: jq -c -f kto.jq FILE

def strip:
  if startswith(" ") or startswith("\n") then ltrimstr(" ") | ltrimstr("\n") | strip
  elif endswith(" ") or endswith("\n") then rtrimstr(" ") | rtrimstr("\n") | strip
  else . end;

def exchange:  # "question\n\nAssistant:answer" -> text; nothing when the turns do not alternate
  split("\n\nAssistant:") | select(length == 2)
  | "Human:\n\(.[0] | strip)\nAssistant:\n\(.[1] | strip)\n";

(.chosen | split("\n\nAssistant:")) as $chosen
| (.rejected | split("\n\nAssistant:")) as $rejected
| select($chosen[:-1] == $rejected[:-1])
| ($chosen[-1] | strip) as $answer
| ($rejected[-1] | strip) as $other
| select($answer != "" and $other != "" and $answer != $other)
| ($chosen[:-1] | join("\n\nAssistant:") | split("\n\nHuman:")[1:]) as $exchanges
| [$exchanges[:-1][] | exchange] as $history
| select(($history | length) == ($exchanges | length) - 1)
| ($exchanges[-1] | select(contains("\n\nAssistant:") | not) | strip) as $question
| "\($history | add // "")Human:\n\($question)\nAssistant:\n" as $prompt
| {prompt: $prompt, response: $answer, preference: "chosen"},
  {prompt: $prompt, response: $other, preference: "rejected"}
