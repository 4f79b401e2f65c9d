package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAcceptLanguage(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string
	}{
		{"none", nil, ""},
		{"C", map[string]string{"LANG": "C.UTF-8"}, ""},
		{"POSIX", map[string]string{"LANG": "POSIX"}, ""},
		{"C takes precedence", map[string]string{"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, ""},
		{"language", map[string]string{"LANG": "en"}, "en"},
		{"language and region", map[string]string{"LANG": "en_US.UTF-8"}, "en-US,en;q=0.9"},
		{"Chinese", map[string]string{"LANG": "zh_CN.UTF-8"}, "zh-CN,zh;q=0.9,en;q=0.5"},
		{"script and modifier", map[string]string{"LANG": "sr_Latn_RS.UTF-8@latin"}, "sr-Latn-RS,sr;q=0.9,en;q=0.5"},
		{"language other than the region", map[string]string{"LANG": "de_DE@euro"}, "de-DE,de;q=0.9,en;q=0.5"},
		{"messages", map[string]string{"LC_MESSAGES": "en_GB", "LANG": "zh_CN.UTF-8"}, "en-GB,en;q=0.9"},
		{"everything", map[string]string{"LC_ALL": "fr_FR", "LC_MESSAGES": "en_GB", "LANG": "zh_CN"}, "fr-FR,fr;q=0.9,en;q=0.5"},
		{"empty is not set", map[string]string{"LC_ALL": "", "LANG": "zh"}, "zh,en;q=0.5"},
		{"not a locale", map[string]string{"LANG": "en\r\nX: y"}, ""},
		{"a path", map[string]string{"LANG": "/usr/share/locale/zh"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, acceptLanguage(func(name string) string { return test.env[name] }))
		})
	}
}

func TestErrors_AreInTheLanguageOfTheLocale(t *testing.T) {
	startRelay(t)
	wrongKey := keyFile(t, "sk-wrong-wrong-wrong")
	for locale, want := range map[string]string{"zh_CN.UTF-8": "无效的令牌", "en_US.UTF-8": "Invalid token", "C": "Invalid token"} {
		t.Setenv("LC_ALL", locale)
		require.Contains(t, runCommand(t.Context(), "", "get", "x", "--api-key-file", wrongKey).err, want)
	}
}
